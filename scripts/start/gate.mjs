/** What is served, and how. Any other path is unknown. */
const METHODS = { "/in": ["POST"], "/stats": ["GET", "HEAD"], "/dump": ["GET", "HEAD"] };
/** Largest body; the parser's own limit, which counts after inflating, is the same. */
const MAX_BODY_BYTES = 5_000_000;

/**
 * Stands before Node-RED, which reads a body into memory, whole, before a node or its settings can look at the headers:
 * key, path, method and size are checked first, for all paths in one place.
 * @param {object} options
 * @param {(authorization: string | undefined) => boolean} options.isAuthorized
 * @param {import("./counters.mjs").RelayCounters} options.counters
 * @param {string | undefined} options.editorRoot path under which requests belong to the editor, which has its own login
 * @param {(request: import("node:http").IncomingMessage, response: import("node:http").ServerResponse) => void} next
 */
export function createGate({ isAuthorized, counters, editorRoot }, next) {
  const open = new Set();
  let isClosing = false;

  function handle(request, response) {
    open.add(response);
    response.once("close", () => open.delete(response));
    const path = request.url.split("?", 1)[0].replace(/(.)\/$/, "$1");
    const methods = Object.hasOwn(METHODS, path) ? METHODS[path] : undefined;
    const refuse = (status, headers = {}) => {
      if (path === "/in" && status < 500) counters.turnedAway(status);
      response.writeHead(status, { "Content-Length": 0, ...headers }).end();
    };
    if (isClosing) return refuse(503, { "Retry-After": "5", Connection: "close" });
    if (methods === undefined) {
      if (editorRoot !== undefined && `${path}/`.startsWith(editorRoot)) return next(request, response);
      return refuse(404);
    }
    if (!isAuthorized(request.headers.authorization)) return refuse(401);
    if (!methods.includes(request.method)) return refuse(405, { Allow: methods.join(", ") });
    const isTooLarge = limitBody(request, () => refuse(413, { Connection: "close" }));
    if (!isTooLarge) next(request, response);
  }

  return {
    handle,
    /** Takes nothing new and waits until what is under way is answered, at most `limitMs`. */
    async close(limitMs) {
      isClosing = true;
      const deadline = Date.now() + limitMs;
      while (open.size > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

/** Calls `onTooLarge` at most once: at once for a declared length (then it returns true), else when it is exceeded. */
function limitBody(request, onTooLarge) {
  if (Number(request.headers["content-length"]) > MAX_BODY_BYTES) {
    onTooLarge();
    return true;
  }
  let bytes = 0;
  const count = (chunk) => {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) return;
    // Nobody hears of the rest, nor of the end: Node-RED forgets the body when the connection closes.
    request.removeAllListeners("data").removeAllListeners("end");
    onTooLarge();
  };
  // Node-RED listens before the next turn, so nothing of the body is missed.
  if (request.method === "POST") request.on("data", count);
  return false;
}
