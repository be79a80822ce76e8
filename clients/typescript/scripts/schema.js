/**
 * Makes src/schema.ts from an OpenAPI document of the API: `node scripts/schema.js FILE [TARGET]`.
 *
 * Sites mount the routers where they like, so the paths lose what stands before them. And the field
 * for the name is the user model's own (USERNAME_FIELD), so credentials take any name beside it.
 */

import { readFile, writeFile } from "node:fs/promises";

import openapiTS, { astToString } from "openapi-typescript";

const [source, target = "src/schema.ts"] = process.argv.slice(2);
const document = JSON.parse(await readFile(source, "utf8"));
const [mount] = Object.keys(document.paths)
  .filter((path) => path.endsWith("/totp/status/"))
  .map((path) => path.slice(0, -"/totp/status/".length));
document.paths = Object.fromEntries(
  Object.entries(document.paths)
    .map(([path, calls]) => [path.slice(mount.length), calls])
    .filter(([path]) => /^\/(jwt|session|totp)\//.test(path)),
);
const credentials = document.components.schemas.TotpCredentials;
const { password, trusted_device_token } = credentials.properties;
credentials.properties = { password, trusted_device_token };
credentials.required = ["password"];
credentials.additionalProperties = true;

const head = "// Made by scripts/schema.js from the OpenAPI document. Do not edit.\n\n";
await writeFile(target, head + astToString(await openapiTS(document)));
