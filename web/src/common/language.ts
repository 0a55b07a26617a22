// The two languages of a page: the server has chosen one, and says so in <html lang>.

export type Language = "id" | "en";

export function languageOf(lang: string): Language {
  return lang.startsWith("en") ? "en" : "id";
}

/** The Indonesian or the English text, by the language of the page. */
export function say(indonesian: string, english: string): string {
  return languageOf(document.documentElement.lang) === "en" ? english : indonesian;
}

/** A whole number as people of the language write it. */
export function number(value: number, language: Language): string {
  return new Intl.NumberFormat(language === "en" ? "en-GB" : "id-ID").format(value);
}
