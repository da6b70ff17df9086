// A small app on Comfy Cloud: makes a poster from a text and returns its image.
//
// Uses what Node.js 22 has: fetch and WebSocket. Where the service is, and the key, come from the
// environment: COMFY_CLOUD_BASE_URL and COMFY_CLOUD_API_KEY.

import { setTimeout as pause } from "node:timers/promises";

/** The job ended without an image. `type` is the exception type, or the status. */
export class PosterFailed extends Error {
  constructor(type, message) {
    super(`${type}: ${message}`.trim());
    this.type = type;
  }
}

/** The service had no time for us, however often we asked. */
export class TooBusy extends Error {}

const base = () => process.env.COMFY_CLOUD_BASE_URL ?? "https://cloud.comfy.org";
const key = () => ({ "X-API-Key": process.env.COMFY_CLOUD_API_KEY });

/**
 * Make a poster. Returns the bytes of its image.
 *
 * `onProgress` is called with numbers from 0 to 1 while the image is made. `attempts` is how often a
 * submission is tried, `interval` how many milliseconds lie between two looks at the job, and `wait`
 * waits for so many milliseconds.
 */
export async function makePoster(text, { seed = 1, onProgress, attempts = 3, interval = 500, wait = pause } = {}) {
  const clientId = crypto.randomUUID();
  const socket = onProgress === undefined ? undefined : await listen(clientId, onProgress);
  try {
    const id = await submit(workflow(text, seed), clientId, attempts, wait);
    for (;;) {
      const job = await (await call(`/api/jobs/${id}`)).json();
      if (job.status === "completed") return await download(imageOf(job));
      if (job.status === "failed" || job.status === "cancelled") {
        const error = job.execution_error ?? {};
        throw new PosterFailed(error.exception_type ?? job.status, error.exception_message ?? "");
      }
      await wait(interval);
    }
  } finally {
    socket?.close();
  }
}

async function submit(prompt, clientId, attempts, wait) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${base()}/api/prompt`, {
      method: "POST",
      headers: { ...key(), "Content-Type": "application/json" },
      body: JSON.stringify({ prompt, client_id: clientId }),
    });
    if (response.ok) return (await response.json()).prompt_id;
    // Only a refusal is repeated: after any other error the job may exist.
    if (response.status !== 429) throw new Error(`status ${response.status}: ${await response.text()}`);
    if (attempt === attempts) throw new TooBusy(`refused ${attempts} times`);
    await wait(1000 * Number(response.headers.get("Retry-After") ?? 1));
  }
}

/** Open a websocket, and wait until it is open. */
async function listen(clientId, onProgress) {
  const query = new URLSearchParams({ clientId, token: process.env.COMFY_CLOUD_API_KEY });
  const socket = new WebSocket(`${base().replace(/^http/, "ws")}/ws?${query}`);
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return; // a preview image
    const message = JSON.parse(data);
    if (message.type === "progress") onProgress(message.data.value / message.data.max);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", () => reject(new Error("the websocket was refused")), { once: true });
  });
  return socket;
}

function imageOf(job) {
  const images = Object.values(job.outputs).flatMap((node) => node.images ?? []);
  if (images.length === 0) throw new PosterFailed("completed", "there is no image");
  return images[0];
}

/** The API redirects to a storage, and that request must not carry the key. */
async function download(image) {
  const query = new URLSearchParams({ filename: image.filename, subfolder: image.subfolder ?? "", type: image.type });
  const redirect = await call(`/api/view?${query}`, { redirect: "manual" });
  const response = await fetch(redirect.headers.get("Location"));
  if (!response.ok) throw new Error(`the image: status ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function call(path, options = {}) {
  const response = await fetch(base() + path, { headers: key(), ...options });
  if (response.status >= 400) throw new Error(`status ${response.status}: ${await response.text()}`);
  return response;
}

function workflow(text, seed) {
  return {
    4: { class_type: "CheckpointLoaderSimple", inputs: { ckpt_name: "dreamshaper_8.safetensors" } },
    5: { class_type: "EmptyLatentImage", inputs: { width: 96, height: 128, batch_size: 1 } },
    6: { class_type: "CLIPTextEncode", inputs: { text, clip: ["4", 1] } },
    7: { class_type: "CLIPTextEncode", inputs: { text: "blurry", clip: ["4", 1] } },
    3: {
      class_type: "KSampler",
      inputs: {
        model: ["4", 0],
        positive: ["6", 0],
        negative: ["7", 0],
        latent_image: ["5", 0],
        seed,
        steps: 20,
        cfg: 7,
        sampler_name: "euler",
        scheduler: "normal",
        denoise: 1,
      },
    },
    8: { class_type: "VAEDecode", inputs: { samples: ["3", 0], vae: ["4", 2] } },
    9: { class_type: "SaveImage", inputs: { images: ["8", 0], filename_prefix: "poster" } },
  };
}
