// A local Comfy Cloud for tests: starts it, resets it, and asks it what it received.
//
// Needs: pip install "comfy-cloud[cli,emulator]"

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Start an emulator on a free port, and point the environment at it. Returns a function that ends it. */
export function startEmulator() {
  const folder = mkdtempSync(join(tmpdir(), "emulator-"));
  const run = (...words) =>
    execFileSync("comfy-cloud", ["emulate", ...words], {
      env: { ...process.env, COMFY_CLOUD_STATE_DIR: folder },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  const { url, key } = JSON.parse(run("--detach", "--json", "--port", "0", "--seed-data", "none"));
  process.env.COMFY_CLOUD_BASE_URL = url;
  process.env.COMFY_CLOUD_API_KEY = key;
  return () => {
    run("stop");
    rmSync(folder, { recursive: true });
  };
}

/** Call one of the control routes. Returns what it responds with; an error has the emulator's message. */
export async function control(method, path, body) {
  const response = await fetch(`${process.env.COMFY_CLOUD_BASE_URL}/_emulator/${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const found = text === "" ? undefined : JSON.parse(text);
  if (!response.ok) throw new Error(found.message);
  return found;
}
