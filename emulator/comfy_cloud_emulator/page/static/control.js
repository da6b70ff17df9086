// What the buttons do: they call the emulator's control routes, as any other program would.

/** Call a control route. Returns null on success, otherwise an error message. */
export async function callControl(method, path, body) {
  try {
    const response = await fetch(`/_emulator/${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (response.ok) return null;
    const error = await response.json().catch(() => ({}));
    return error.message ?? `The emulator responded with status ${response.status}.`;
  } catch {
    return "The emulator does not respond.";
  }
}
