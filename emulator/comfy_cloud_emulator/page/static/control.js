// What the buttons do: the emulator's control routes, as any other program would call them.

/** Ask a control route. Gives null when it went well, and else what to tell. */
export async function ask(method, path, body) {
  try {
    const answer = await fetch(`/_emulator/${path}`, {
      method,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (answer.ok) return null;
    const told = await answer.json().catch(() => ({}));
    return told.message ?? `The emulator answered ${answer.status}.`;
  } catch {
    return "The emulator does not answer.";
  }
}
