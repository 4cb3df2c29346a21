import { subscribe } from "node:diagnostics_channel";

/** The one call that inserts alerts. */
const INSERT = "/insert_parsed_alerts";

/**
 * The nine counters of `GET /stats`, since this start. Names are those of the relay that this one replaces:
 *
 * | counter        | counts                                                                                        |
 * |----------------|-----------------------------------------------------------------------------------------------|
 * | ParseErrors    | events that could not be read: bad payload (400, 413), or no POST (405)                        |
 * | EventsReceived | events that came to `/in`, each once, whatever became of it; every record of a batch           |
 * | PSKErrors      | requests to `/in` with a wrong key, or none (401)                                              |
 * | POSTSend       | insert calls that the tenant answered with 200                                                 |
 * | POSTFailures   | insert calls with another answer, or none; their alerts are sent again                         |
 * | AlertsSend     | alerts the tenant accepted                                                                     |
 * | SendFailures   | alerts the tenant refused for good (dead letters)                                              |
 * | UpdatesSend    | updates made out of the buffer and sent: POSTSend + POSTFailures                               |
 * | Discards       | events that were not taken in because the buffer was full or the disk failed; their sender was |
 * |                | answered 503 and knows it                                                                      |
 *
 * The flow's function nodes call the methods named after what a message has met.
 */
export class RelayCounters {
  #count = {
    ParseErrors: 0,
    EventsReceived: 0,
    PSKErrors: 0,
    POSTSend: 0,
    POSTFailures: 0,
    AlertsSend: 0,
    SendFailures: 0,
    UpdatesSend: 0,
    Discards: 0,
  };

  toJSON() {
    return { ...this.#count };
  }

  /** A request to `/in` that never gets into the flow. */
  turnedAway(statusCode) {
    this.#count.EventsReceived += 1;
    this.#count[statusCode === 401 ? "PSKErrors" : "ParseErrors"] += 1;
  }

  /** One message of the parser's second output; test logs and filtered ones are 200. */
  rejected({ statusCode }) {
    if (statusCode === 200) this.#count.EventsReceived += 1;
    else this.turnedAway(statusCode);
  }

  /** The insert node's answer to what came in. */
  answered({ statusCode, xdr = { accepted: 0, refused: 1 } }) {
    this.#count.EventsReceived += xdr.accepted + xdr.refused;
    this.#count[statusCode === 503 ? "Discards" : "ParseErrors"] += xdr.refused;
  }

  delivered({ payload }) {
    this.#count.AlertsSend += payload.count;
  }

  dead() {
    this.#count.SendFailures += 1;
  }

  /** Counts the calls where they are made. Only there is each of them seen, also those that fail and are repeated. */
  watchCalls() {
    const isInsert = (request) => request.path.split("?", 1)[0].replace(/\/$/, "").endsWith(INSERT);
    const statuses = new WeakMap();
    const ended = (request, isGood) => {
      this.#count[isGood ? "POSTSend" : "POSTFailures"] += 1;
      this.#count.UpdatesSend += 1;
      statuses.delete(request);
    };
    subscribe("undici:request:headers", ({ request, response }) => statuses.set(request, response.statusCode));
    subscribe("undici:request:trailers", ({ request }) => {
      if (isInsert(request)) ended(request, statuses.get(request) === 200);
    });
    subscribe("undici:request:error", ({ request }) => {
      if (isInsert(request)) ended(request, false);
    });
  }
}
