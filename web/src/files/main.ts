/** What a script adds to the pages of files: dropping one, how far it has been sent, how far the work is, rows by the keyboard. */

import { findAll } from "../common/dom.ts";
import { followWork } from "./following.ts";
import { listenToRows } from "./rows.ts";
import { listenToUpload } from "./upload.ts";

for (const form of findAll<HTMLFormElement>("form[data-upload]")) listenToUpload(form);
if (document.querySelector("#impor")) {
  followWork();
  listenToRows();
}
