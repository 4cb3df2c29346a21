import type { Change, EmittedPage, Item, PollerPorts, SyncKind } from "../lib/poll/poller-api";

/** A message of the first output. */
export type PollMessage = {
  readonly _msgid: string;
  readonly topic: string;
  readonly payload: object;
  readonly sync: SyncKind;
  readonly change: Change;
  readonly previous?: object;
  /** The page, as core Join reads it. */
  readonly parts: { readonly id: string; readonly type: "array"; readonly count: number; readonly index: number };
};

/** What an incident consists of, on the first output too, as soon as it could be fetched. */
export type ExtraMessage = {
  readonly _msgid: string;
  readonly topic: typeof EXTRA_TOPIC;
  readonly incidentId: string;
  readonly payload: object;
};

/** Tells extra data from incidents. */
export const EXTRA_TOPIC = "incident_extra_data";

export interface MessageOptions {
  /** One message for each entry of `events`. */
  readonly splitEvents: boolean;
  readonly newId: () => string;
}

/** The messages of a page, those of each item together. All of them are one sequence. */
export function messagesOf(page: EmittedPage, { splitEvents, newId }: MessageOptions): PollMessage[][] {
  const payloads = page.items.map((item) => (splitEvents ? eventsOf(item) : [item.record]));
  const id = newId();
  const count = payloads.reduce((total, { length }) => total + length, 0);
  let index = 0;
  return page.items.map(({ change, previous }, at) =>
    (payloads[at] ?? []).map((payload) => ({
      _msgid: newId(),
      topic: page.resource,
      payload,
      sync: page.sync,
      change,
      ...(previous === undefined ? {} : { previous }),
      parts: { id, type: "array", count, index: index++ },
    })),
  );
}

/** The message for the extra data of one incident. */
export function extraMessageOf(
  { incidentId, data }: Parameters<PollerPorts["emitExtra"]>[0],
  _msgid: string,
): ExtraMessage {
  return { _msgid, topic: EXTRA_TOPIC, incidentId, payload: data };
}

/** The alert once for each of its events; as it is when it has none or has gone. */
function eventsOf({ change, record }: Item): object[] {
  const { events, ...alert } = record;
  if (change === "removed" || !Array.isArray(events) || events.length === 0) return [record];
  // Copies: what a flow does to one message must not show in the next.
  return events.map((event: unknown, at) => ({ ...(at === 0 ? alert : structuredClone(alert)), events: event }));
}
