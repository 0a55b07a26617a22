/** Which files a page or a script needs, by what stands in it. */

const IN_PAGE = /(?:src|href)="([^"]*\/static\/[^"]+)"/g;
const IN_SCRIPT = /["'](\.\/[\w.-]+\.js)["']/g;

/** Addresses, once each; `address` is that of the text itself. */
export function assetsOf(text: string, address: string): string[] {
  const pattern = address.endsWith(".js") ? IN_SCRIPT : IN_PAGE;
  const found = Array.from(text.matchAll(pattern), ([, path]) => new URL((path ?? "").replaceAll("&amp;", "&"), address).href);
  return [...new Set(found)];
}
