// Builds the console: node build.mjs FOLDER. hatch_build.py runs it at the root of the repository.
// Every module in pages/ and every stylesheet here becomes a file whose name has a digest of what is in it, so that
// browsers may keep it for ever; manifest.json tells the names.

import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const here = import.meta.dirname;
const target = process.argv[2];
const made = `${target}.new`;
const manifest = {};

function write(name, content) {
  const { base, extension } = { base: basename(name, extname(name)), extension: extname(name) };
  const digest = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const written = `${base}-${digest}${extension}`;
  writeFileSync(join(made, written), content);
  manifest[name] = written;
}

async function bundle() {
  const modules = readdirSync(join(here, "pages")).filter((name) => name.endsWith(".js"));
  const styles = readdirSync(here).filter((name) => name.endsWith(".css"));
  const result = await require("esbuild").build({
    entryPoints: [...modules.map((name) => join(here, "pages", name)), ...styles.map((name) => join(here, name))],
    outdir: made,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    minify: true,
    entryNames: "[name]-[hash]",
    chunkNames: "[name]-[hash]",
    legalComments: "none",
    metafile: true,
    loader: { ".svg": "dataurl" },
  });
  for (const [path, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) manifest[basename(output.entryPoint)] = basename(path);
  }
  return Object.keys(result.metafile.inputs);
}

// The world of Natural Earth (public domain): land, and the borders between countries, coarse and fine.
// The package has it for a globe; a flat map wants what crosses the antimeridian cut there, which projecting does.
function outline(scale) {
  const { feature, mesh } = require("topojson-client");
  const { geoEquirectangular } = require("d3-geo");
  const { geoProject } = require("d3-geo-projection");
  const degrees = geoEquirectangular().scale(180 / Math.PI).translate([0, 0]).reflectY(true).precision(0);
  const world = require(`world-atlas/countries-${scale}.json`);
  const borders = mesh(world, world.objects.countries, (one, other) => one !== other);
  const geometries = [
    ["land", feature(world, world.objects.land).features[0].geometry],
    ["border", borders],
  ];
  const places = scale === "110m" ? 100 : 1000;
  return JSON.stringify({
    type: "FeatureCollection",
    features: geometries.map(([kind, geometry]) => ({
      type: "Feature", properties: { kind }, geometry: geoProject(geometry, degrees),
    })),
  }, (_key, value) => (typeof value === "number" ? Math.round(value * places) / places : value));
}

// The licences of all packages that are part of what browsers are sent, in full, as they ask for.
function licences(inputs) {
  const folders = new Set(["node_modules/world-atlas"]);
  for (const path of inputs) {
    const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(relative(process.cwd(), path));
    if (found) folders.add(found[0]);
  }
  return [...folders].sort().map(licence).join("\n\n");
}

function licence(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const texts = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const text = texts.map((file) => readFileSync(join(folder, file), "utf8").trim()).join("\n\n");
  return `${name} ${version} (${license ?? "see below"})\n${"=".repeat(72)}\n${text}\n`;
}

function compress() {
  for (const name of readdirSync(made)) {
    const content = readFileSync(join(made, name));
    if (content.length > 1000) writeFileSync(join(made, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

rmSync(made, { recursive: true, force: true });
mkdirSync(made, { recursive: true });
const inputs = await bundle();
write("icon.svg", readFileSync(join(here, "icon.svg")));
write("map-worker.js", readFileSync(require.resolve("maplibre-gl/dist/maplibre-gl-worker.mjs")));
for (const scale of ["110m", "50m"]) write(`outline-${scale}.json`, outline(scale));
write("licences.txt", licences(inputs));
compress();
writeFileSync(join(made, "manifest.json"), JSON.stringify(manifest, null, 1));
if (existsSync(target)) rmSync(target, { recursive: true });
mkdirSync(dirname(target), { recursive: true });
renameSync(made, target);
