// Builds the scripts of the portal: every src/<part>/main.ts and src/<part>/worker.ts, into ../app/pages/static.
// Names hold a hash of the content, so that browsers may keep a file for good; manifest.json leads from a plain name to them.
// Beside each file lie its gzip and brotli forms, made once here instead of by every worker.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const web = dirname(fileURLToPath(import.meta.url));
const target = join(web, "..", "app", "pages", "static");
const parts = readdirSync(join(web, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);
const shared = { bundle: true, charset: "utf8", legalComments: "none", minify: true, sourcemap: false, target: ["es2022"], write: false };
const manifest = {};
const files = new Map();

function hashed(name, content) {
  return name.replace(/(\.\w+)$/, `-${createHash("sha256").update(content).digest("hex").slice(0, 8)}$1`);
}

function add(name, content) {
  manifest[name] = hashed(name, content);
  files.set(manifest[name], content);
}

const present = (file) => parts.map((part) => [part, join(web, "src", part, file)]).filter(([, path]) => existsSync(path));

// Pages import what they share, and a map only when it is asked for, as chunks of their own.
const pages = await build({
  ...shared,
  entryPoints: Object.fromEntries(present("main.ts").map(([part, path]) => [part, path])),
  format: "esm",
  splitting: true,
  outdir: target,
  entryNames: "[name]-[hash]",
  chunkNames: "chunk-[hash]",
  metafile: true,
});
for (const file of pages.outputFiles) files.set(basename(file.path), file.contents);
for (const [path, output] of Object.entries(pages.metafile.outputs)) {
  if (output.entryPoint?.endsWith("/main.ts")) manifest[`${basename(dirname(output.entryPoint))}.js`] = basename(path);
}

// A worker is one file: it is fetched by its address alone.
for (const [part, path] of present("worker.ts")) {
  const [file] = (await build({ ...shared, entryPoints: [path], format: "iife", outdir: target })).outputFiles;
  add(`${part}-worker.js`, file.contents);
}

// MapLibre loads its worker and its style sheet by address.
const maplibre = join(web, "node_modules", "maplibre-gl", "dist");
const worker = readFileSync(join(maplibre, "maplibre-gl-worker.mjs"), "utf8");
add("maplibre-worker.js", Buffer.from(worker.replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")));
const sheet = await build({ ...shared, entryPoints: [join(maplibre, "maplibre-gl.css")], outdir: target, loader: { ".svg": "dataurl" } });
add("maplibre.css", sheet.outputFiles[0].contents);

const fresh = `${target}.new`;
rmSync(fresh, { recursive: true, force: true });
mkdirSync(fresh);
for (const [name, content] of [...files].sort()) {
  const gzip = gzipSync(content, { level: 9 });
  const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } });
  writeFileSync(join(fresh, name), content);
  writeFileSync(join(fresh, `${name}.gz`), gzip);
  writeFileSync(join(fresh, `${name}.br`), brotli);
  console.log(`${name.padEnd(34)} ${kilobytes(content)} kB, gzip ${kilobytes(gzip)}, br ${kilobytes(brotli)}`);
}
writeFileSync(join(fresh, "manifest.json"), `${JSON.stringify(manifest, Object.keys(manifest).sort(), 1)}\n`);
rmSync(target, { recursive: true, force: true });
renameSync(fresh, target);

function kilobytes(content) {
  return (content.length / 1000).toFixed(1).padStart(7);
}
