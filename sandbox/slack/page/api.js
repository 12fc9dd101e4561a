/** The page's whole conversation with the server. */

/** @typedef {{ok: boolean, error?: string, [field: string]: any}} Answer */

export const session = {
  /** Whoever the page acts for. */
  user: "",
  /** Fetches the state again and redraws; set by the page's root. */
  refresh: async () => {},
};

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function read(response) {
  try {
    const answer = await response.json();
    if (answer && typeof answer === "object") return { ok: response.ok, ...answer };
  } catch {
    // Not JSON: said below.
  }
  return { ok: false, error: `The server answered ${response.status} ${response.statusText}`.trim() };
}

/**
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<Answer>}
 */
async function request(path, options) {
  try {
    return await read(await fetch(path, options));
  } catch {
    return { ok: false, error: "The server can't be reached. Is it still running?" };
  }
}

/**
 * What the person does. The state is fetched again afterwards, whatever the answer.
 * @param {'slash'|'click'|'submit'|'close'|'home'|'suggest'|'message'} move
 * @param {Record<string, any>} body
 * @returns {Promise<Answer>}
 */
export async function post(move, body) {
  const answer = await request(`/_ui/${move}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user: session.user, ...body }),
  });
  if (move !== "suggest") await session.refresh();
  return answer;
}

/** @param {string} user  empty for whoever the server takes first */
export const fetchState = (user) => request(`/_ui/state?user=${encodeURIComponent(user)}`);

/**
 * The first bytes of a file as text; "" where it can't be read.
 * @param {string} id
 */
export async function fetchText(id) {
  try {
    const response = await fetch(`/_ui/files/${encodeURIComponent(id)}`);
    return response.ok ? await response.text() : "";
  } catch {
    return "";
  }
}

/**
 * Calls `changed` after each change on the server, and `online` when the connection is lost or found again.
 * @param {string} user
 * @param {() => void} changed
 * @param {(online: boolean) => void} online
 * @returns {() => void}  stops listening
 */
export function listen(user, changed, online) {
  const events = new EventSource(`/_ui/events?user=${encodeURIComponent(user)}`);
  events.onmessage = changed;
  events.onopen = () => {
    online(true);
    // What happened before somebody listened was told to nobody.
    changed();
  };
  events.onerror = () => online(false);
  return () => events.close();
}
