/* What browsers load, made once at set-up: `node tools/bundles.mjs HTMX OUT`.

   One sheet and one script that every page shares, and small ones of a kind of page on top; what of Bootstrap no page uses
   is left out; names carry a hash of the content, so that a browser keeps them for ever; gzip and Brotli lie beside them.
   OUT/manifest.json says which name has which file (sajad_portal/lib/bundles.py). */
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import zlib from "node:zlib";
import esbuild from "esbuild";
import { PurgeCSS } from "purgecss";

const [htmx, out] = process.argv.slice(2);
const BASE = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "..");
const CSS = path.join(BASE, "static", "css");
const inStatic = (name) => path.join(BASE, "static", name);
const inModules = (name) => path.join(BASE, "node_modules", name);
// What the sheets may count on (static/css/01-tokens.css).
const TARGET = ["chrome109", "firefox102", "safari16"];

// Every page's, in the order of their numbers; tables stand before lists, which are made of them.
const SHARED = fs.readdirSync(CSS).filter((name) => /^\d\d-/.test(name)).sort().sort((one, other) => parseInt(one) - parseInt(other) || (one < other ? 1 : -1));
const BOOTSTRAP = { rtl: "bootstrap/dist/css/bootstrap.rtl.min.css", ltr: "bootstrap/dist/css/bootstrap.min.css" };
// A sheet without a number is the one of a kind of page: templates/**: {% bundle "report.css" %}.
const KINDS = fs.readdirSync(CSS).filter((name) => name.endsWith(".css") && !SHARED.includes(name));

const SCRIPTS = {
  "theme.js": ["static/js/theme.js"], // in <head>, before the first paint
  "portal.js": [
    "HTMX",
    "static/portal.js",
    ...["sign_in_place", "entry_store", "session", "dialogs", "countdown", "forms", "keys"].map((n) => `static/js/${n}.js`),
  ],
  "entry.js": ["static/js/entry_files.js", "static/js/place.js", "static/js/paste.js", "static/entry.js"],
  "lists.js": ["static/js/lists.js"],
  "papers.js": ["static/js/papers.js"],
  "review.js": ["static/js/review.js"],
  "factor.js": ["static/js/factor.js"],
  "charts.js": ["node_modules/chart.js/dist/chart.umd.min.js", "static/js/charts.js"],
  "date_picker.js": ["static/js/date_picker.js"],
};
const FILES = ["vendor/icons.svg", "icons/mark.svg"];

const manifest = {};

function put(name, content) {
  const bytes = Buffer.from(content);
  const { name: stem, ext } = path.parse(name);
  const file = `${stem}-${createHash("sha256").update(bytes).digest("hex").slice(0, 10)}${ext}`;
  fs.writeFileSync(path.join(out, file), bytes);
  if (ext !== ".woff2") {
    const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
    fs.writeFileSync(path.join(out, `${file}.gz`), zlib.gzipSync(bytes, { level: 9 }));
    fs.writeFileSync(path.join(out, `${file}.br`), zlib.brotliCompressSync(bytes, { params }));
  }
  manifest[name] = file;
  return file;
}

/* ------------------------------------------------------------------------------------------------- styles */
/** Files that a sheet names lie beside it, under their hashed names. */
const assets = {
  name: "assets",
  setup(build) {
    build.onResolve({ filter: /\.woff2$/ }, ({ path: named, resolveDir }) => {
      const file = path.resolve(resolveDir, named);
      return { path: `./${put(path.basename(file), fs.readFileSync(file))}`, external: true };
    });
  },
};

async function sheet(name, contents) {
  const built = await esbuild.build({
    stdin: { contents, resolveDir: CSS, sourcefile: name, loader: "css" },
    bundle: true, minify: true, write: false, outdir: out, target: TARGET, legalComments: "inline",
    plugins: [assets], logLevel: "warning",
  }); // prettier-ignore
  put(name, built.outputFiles[0].contents);
}

/** Classes that are put together from parts, so that no source has them whole. */
const PUT_TOGETHER = [
  /^alert-(success|info|warning|danger)$/,
  /^btn-(outline-)?(primary|secondary|danger|warning|success|link)$/,
];
// Only words in which a class can stand: a template, a script, a string in Python.
const CONTENT = ["templates/**/*.html", "static/*.js", "static/js/*.js", "{sajad_portal,units,sla,reports}/**/*.py"];

/** Of some sheets, each without what no source names. */
async function used(files) {
  const purged = await new PurgeCSS().purge({
    content: CONTENT.map((pattern) => path.join(BASE, pattern)),
    css: files.map((file) => ({ raw: fs.readFileSync(file, "utf8").replace(/\/\*# sourceMappingURL=.*?\*\//, "") })),
    safelist: { standard: PUT_TOGETHER },
    dynamicAttributes: ["data-bs-theme", "dir", "type", "role"],
    fontFace: true,
    keyframes: true,
  });
  return purged.map(({ css }) => css);
}

const ours = SHARED.map((name) => fs.readFileSync(path.join(CSS, name), "utf8")).join("\n");
const directions = Object.keys(BOOTSTRAP);
const bootstrap = await used(Object.values(BOOTSTRAP).map(inModules));
for (const [n, css] of bootstrap.entries()) await sheet(`portal.${directions[n]}.css`, `${css}\n${ours}`);
for (const name of KINDS) await sheet(name, fs.readFileSync(path.join(CSS, name), "utf8"));

/* ------------------------------------------------------------------------------------------------ scripts */
for (const [name, files] of Object.entries(SCRIPTS)) {
  const contents = files
    .map((file) => fs.readFileSync(file === "HTMX" ? htmx : path.join(BASE, file), "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, ""))
    .join("\n;\n");
  const { code } = await esbuild.transform(contents, { minify: true, target: TARGET, legalComments: "inline", loader: "js" });
  put(name, code);
}

for (const file of FILES) put(path.basename(file), fs.readFileSync(inStatic(file)));
fs.writeFileSync(path.join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
