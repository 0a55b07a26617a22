"""What can be wrong with who asks: tokens, accounts, rights, signing in."""

from app.language import Text
from app.messages.kinds import Message

FAULTS: dict[str, Text] = {
    "code-wrong": Text(
        "Kode ini salah, sudah dipakai, atau sudah lewat waktunya. Tunggu kode berikutnya di ponsel Anda, lalu ketik lagi.",
        "This code is wrong, was used, or is too old. Wait for the next one on your phone, and type that.",
    ),
}
PROBLEMS: dict[str, Message] = {
    "token-missing": Message(
        Text("Perlu masuk", "Sign-in needed"),
        Text("Permintaan ini memerlukan token.", "This request needs a token."),
        Text("Kirim header Authorization: Bearer diikuti token Anda.", "Send the header Authorization: Bearer followed by your token."),
    ),
    "token-unknown": Message(
        Text("Token tidak berlaku", "Token not valid"),
        Text("Token ini tidak dikenal, sudah dicabut atau sudah habis masanya.", "This token is unknown, revoked or expired."),
        Text("Minta token baru kepada admin.", "Ask the administrator for a new token."),
    ),
    "session-ended": Message(
        Text("Perlu masuk lagi", "Sign in again"),
        Text("Masa masuk Anda di peramban ini sudah berakhir.", "Your sign-in in this browser has ended."),
        Text("Masuk lagi di /portal/masuk.", "Sign in again at /portal/masuk."),
    ),
    "session-not-there": Message(
        Text("Peramban tidak ditemukan", "No such browser"),
        Text("Tidak ada peramban dengan nomor ini yang masih masuk sebagai Anda.", "No browser of this number is signed in as you."),
    ),
    "second-factor-missing": Message(
        Text("Kode kedua belum diisi", "Second factor missing"),
        Text(
            "Sandi Anda benar, tetapi kode dari ponsel Anda belum diisi.", "Your password is right, but the code of your phone is missing."
        ),
        Text("Lanjutkan di /portal/kode.", "Go on at /portal/kode."),
    ),
    "second-factor-there": Message(
        Text("Kode kedua sudah aktif", "Second factor there already"),
        Text("Akun ini sudah memakai kode dari ponsel.", "This account uses codes of a phone already."),
        Text("Matikan dulu di /portal/akun bila ponselnya berganti.", "Switch it off at /portal/akun first if the phone is another."),
    ),
    "second-factor-demanded": Message(
        Text("Kode kedua wajib", "Second factor required"),
        Text("Untuk peran Anda, masuk harus memakai kode dari ponsel.", "Your role signs in with a code of a phone in any case."),
        Text(
            "Bila ponsel Anda berganti, minta admin mengatur ulang kode kedua Anda.",
            "If you have another phone, ask an administrator to reset your second factor.",
        ),
    ),
    "code-needed": Message(
        Text("Perlu kode dari ponsel", "Code of the phone needed"),
        Text("Akun ini masuk dengan sandi dan kode dari ponsel.", "This account signs in with its password and a code of the phone."),
        Text("Kirim juga kode enam angka itu sebagai code.", "Send that code of six digits as code, too."),
    ),
    "code-wrong": Message(
        Text("Kode salah", "Wrong code"),
        Text("Kode dari ponsel ini salah, sudah dipakai, atau sudah lewat waktunya.", "The code is wrong, was used, or is too old."),
        Text("Tunggu kode berikutnya di ponsel, lalu coba lagi.", "Wait for the next code on the phone and try again."),
    ),
    "second-factor-not-set-up": Message(
        Text("Kode kedua belum disiapkan", "Second factor not set up"),
        Text("Untuk peran Anda, masuk harus memakai kode dari ponsel.", "Your role signs in with a code of a phone in any case."),
        Text("Masuk sekali di /portal/masuk dan siapkan di sana.", "Sign in once at /portal/masuk and set it up there."),
    ),
    "reauthenticate": Message(
        Text("Ketik sandi Anda lagi", "Type your password again"),
        Text(
            "Langkah ini menyangkut hak, kunci, atau batas wilayah, dan sandi Anda terakhir diketik lebih dari 15 menit lalu.",
            "This is about rights, keys or boundaries, and your password was typed more than 15 minutes ago.",
        ),
        Text("Ketik sandi Anda di /portal/sandi, lalu ulangi langkah ini.", "Type your password at /portal/sandi, then do this again."),
    ),
    "cross-site": Message(
        Text("Ditolak: dari situs lain", "Refused: from another site"),
        Text("Permintaan ini tidak berasal dari halaman Titik sendiri.", "This request does not come from a page of Titik itself."),
        Text(
            "Buka halaman Titik, lalu ulangi dari sana. Program memakai header Authorization: Bearer.",
            "Open the page of Titik and do it there. Programs use the header Authorization: Bearer.",
        ),
    ),
    "other-writer": Message(
        Text("Ditolak: akun lain", "Refused: another account"),
        Text(
            "Catatan ini milik akun lain daripada yang sekarang masuk di peramban ini. Tidak ada yang disimpan.",
            "These records belong to another account than the one that is signed in in this browser now. Nothing was stored.",
        ),
        Text("Masuk dengan akun yang mencatatnya, lalu kirim lagi.", "Sign in with the account that recorded them and send them again."),
    ),
    "sign-in-refused": Message(
        Text("Gagal masuk", "Sign-in refused"),
        Text("Proses masuk lewat server identitas tidak berhasil.", "Signing in at the identity server did not succeed."),
        Text(
            "Mulai lagi dari awal di /tokens/oidc. Bila tetap gagal, sebutkan request_id kepada admin.",
            "Begin again at /tokens/oidc. If it fails again, tell the administrator the request_id.",
        ),
    ),
    "account-not-there": Message(
        Text("Belum ada akun", "No account here"),
        Text(
            "Anda dikenal oleh server identitas, tetapi tidak ada akun aktif untuk Anda di sini.",
            "The identity server knows you, but there is no active account for you here.",
        ),
        Text(
            "Minta admin menambahkannya, dengan nama Anda di server identitas.",
            "Ask the administrator to add one, by the name that you have at the identity server.",
        ),
    ),
    "account-not-bound": Message(
        Text("Akun belum dihubungkan", "Account not bound yet"),
        Text(
            "Ada akun bernama {account}, tetapi belum dihubungkan dengan Anda di server identitas.",
            "There is an account {account}, but it is not bound to you at the identity server yet.",
        ),
        Text(
            "Admin sudah diberi tahu; tunggu sampai ia menghubungkannya, lalu masuk lagi. Atau hubungkan sendiri: kirim kode ini dalam 15 menit ke POST /me/identity dengan token akun itu.",
            "The administrators have been told; wait until one has bound it, then sign in again. Or bind it yourself: send this code to POST /me/identity within 15 minutes, with a token of that account.",
        ),
    ),
    "account-bound": Message(
        Text("Sudah dihubungkan", "Bound already"),
        Text(
            "Akun ini, atau orang ini di server identitas, sudah dihubungkan dengan yang lain.",
            "This account, or this person at the identity server, is bound to another already.",
        ),
        Text(
            "Lepaskan dulu: PATCH /accounts/NAMA dengan oidc_subject null.", "Unbind it first: PATCH /accounts/NAME with oidc_subject null."
        ),
    ),
    "identity-server-unavailable": Message(
        Text("Server identitas tidak menjawab", "Identity server not answering"),
        Text(
            "Server identitas kota sedang tidak menjawab sebagaimana mestinya.", "The city's identity server does not answer as it should."
        ),
        Text(
            "Coba lagi sebentar lagi. Bila tetap gagal, sebutkan request_id kepada admin.",
            "Try again in a moment. If it fails again, tell the administrator the request_id.",
        ),
    ),
    "identity-server-missing": Message(
        Text("Tidak ada server identitas", "No identity server"),
        Text("Layanan ini tidak memakai server identitas.", "This service uses no identity server."),
        Text("Minta token kepada admin.", "Ask the administrator for a token."),
    ),
    "action-forbidden": Message(
        Text("Tidak berwenang", "Not allowed"),
        Text("Peran {role} tidak boleh melakukan ini.", "The role {role} may not do this."),
        Text(
            "Yang boleh: {able}. Minta kepadanya, atau masuk dengan akun yang berperan itu.",
            "It is the work of: {able}. Ask them, or sign in with an account of that role.",
        ),
    ),
    "kelurahan-not-yours": Message(
        Text("Bukan kelurahan Anda", "Not your kelurahan"),
        Text("Anda hanya dapat mengisi untuk kelurahan {own}.", "You can only write for kelurahan {own}."),
        Text(
            "Perbaiki kelurahannya, atau minta PIC kelurahan itu mengirimnya.",
            "Correct the kelurahan, or ask the PIC of that kelurahan to send it.",
        ),
    ),
    "only-administrator": Message(
        Text("Tidak berwenang", "Not allowed"),
        Text("Hanya admin yang boleh mengubah akun orang lain.", "Only an administrator may change the accounts of others."),
    ),
    "scope-missing": Message(
        Text("Token tidak mencakup ini", "Not in the scope of this token"),
        Text("Token ini dibatasi dan tidak mencakup langkah ini.", "This token is limited and does not cover this."),
        Text("Pakai token lain yang mencakup: {scopes}.", "Use another token that covers: {scopes}."),
    ),
    "sign-in-wrong": Message(
        Text("Tidak dapat masuk", "Sign-in failed"),
        Text("Nama akun atau sandinya salah.", "The name of the account or the password is wrong."),
        Text(
            "Periksa lagi. Bila lupa, minta tautan sandi baru kepada admin.",
            "Check both. If you forgot it, ask the administrator for a link that sets a new one.",
        ),
    ),
    "account-unknown": Message(
        Text("Akun tidak ditemukan", "No such account"),
        Text("Tidak ada akun dengan nama ini.", "There is no account of this name."),
        Text(
            "Lihat daftarnya di /accounts, atau buat dulu: titik account add NAMA --role …",
            "See the list at /accounts, or make it first: titik account add NAME --role …",
        ),
    ),
    "account-taken": Message(
        Text("Nama akun sudah dipakai", "Account name taken"),
        Text("Nama akun ini sudah dipakai.", "An account of this name is there already."),
        Text("Pilih nama lain.", "Choose another name."),
    ),
    "account-inactive": Message(
        Text("Akun tidak aktif", "Account not active"),
        Text("Akun ini tidak aktif.", "This account is not active."),
        Text("Aktifkan dulu akunnya.", "Activate the account first."),
    ),
    "last-admin": Message(
        Text("Admin terakhir", "The last administrator"),
        Text("Ini admin aktif yang terakhir.", "This is the last active administrator."),
        Text("Tambahkan admin lain dulu.", "Add another administrator first."),
    ),
    "tokens-full": Message(
        Text("Token sudah terlalu banyak", "Too many tokens"),
        Text("Satu akun punya paling banyak {most} token.", "An account has at most {most} tokens."),
        Text("Cabut dulu token yang tidak dipakai lagi.", "Revoke those that are no longer used first."),
    ),
    "token-not-there": Message(
        Text("Token tidak ditemukan", "No such token"),
        Text("Anda tidak punya token berlaku dengan nomor ini.", "You have no valid token of this number."),
    ),
    "link-ended": Message(
        Text("Tautan tidak berlaku", "Link not valid"),
        Text("Tautan ini sudah dipakai atau sudah lewat waktunya.", "This link was used already, or is too old."),
        Text("Minta tautan baru kepada admin.", "Ask the administrator for a new one."),
    ),
}
