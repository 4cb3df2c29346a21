import { badParameter, JSON_TYPE, type Answer, type Refusal } from "./answers";
import type { Call } from "./call";
import { parseFields, wantedBelow, type Selection } from "./fields";
import { guard } from "./guard";
import { listPage, type Page, type Wanted } from "./listing";
import type { Cursor } from "./page-token";
import { checkQuery, digits, isRefusal, oneOf, type Query } from "./query";
import { LIST_SHAPE, resourceOf } from "./resource";
import type { BucketState } from "./state";

/** `versions` and `projection` change nothing here: there is no versioning, and no ACL is shown. */
const KNOWN = [
  ...["prefix", "delimiter", "startOffset", "endOffset", "maxResults", "pageToken"],
  ...["versions", "projection", "includeTrailingDelimiter"],
];
/** What may not change from page to page. */
const SCOPE = ["prefix", "delimiter", "startOffset", "endOffset", "versions"];
const MAX_UINT32 = 2n ** 32n - 1n;

/** One page of the objects of the bucket. Source: Cloud Storage JSON API v1, "Objects: list". */
export function listObjects(call: Call): Answer | Refusal {
  const { state, fault } = call;
  const query = checkQuery(call.params, KNOWN);
  if (isRefusal(query)) return query;
  const wrong = checkValues(query);
  if (wrong !== undefined) return wrong;
  const max = digits(query, "maxResults", MAX_UINT32);
  if (isRefusal(max)) return max;
  if (max === 0n) return badParameter("maxResults", "Invalid value '0'. Values must be above 0.", "invalid");
  const selection = parseFields(query.get("fields"), LIST_SHAPE);
  if (isRefusal(selection)) return selection;
  const refused = guard(call, "storage.objects.list");
  if (refused !== undefined) return refused;
  const cursor = fault?.rejectPageToken === true ? badToken : cursorOf(query, state);
  if (isRefusal(cursor)) return cursor;
  const wanted: Wanted = {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    startOffset: query.get("startOffset") ?? "",
    endOffset: query.get("endOffset") ?? "",
    max: Math.min(Number(max ?? state.pageSize), state.pageSize),
    cursor,
  };
  const isEmpty = fault?.emptyPage === true;
  const beginning = { key: "", isGroup: false };
  const page = isEmpty ? { items: [], prefixes: [], next: cursor ?? beginning } : listPage(state.shelf, wanted);
  const body = pageBody(page, query, selection, state);
  const text = JSON.stringify(body, null, query.get("prettyPrint") === "false" ? 0 : 2);
  return { status: 200, headers: { "Content-Type": JSON_TYPE, "Cache-Control": "private, max-age=0" }, body: text };
}

const badToken = badParameter("pageToken", "Invalid Value", "invalid");

function checkValues(query: Query): Refusal | undefined {
  const allowed = [
    oneOf(query, "alt", ["json"]),
    oneOf(query, "prettyPrint", ["true", "false"]),
    oneOf(query, "projection", ["noAcl", "full"]),
    oneOf(query, "versions", ["false", "true"]),
    oneOf(query, "includeTrailingDelimiter", ["false"]),
  ];
  return allowed.find(isRefusal);
}

const scopeOf = (query: Query): string => JSON.stringify(SCOPE.map((name) => query.get(name) ?? ""));

function cursorOf(query: Query, { pageTokens }: BucketState): Cursor | undefined | Refusal {
  const token = query.get("pageToken");
  return token === undefined ? undefined : (pageTokens.read(token, scopeOf(query)) ?? badToken);
}

/** `items`, `prefixes` and `nextPageToken` are absent when there are none, or when they were not asked for. */
function pageBody(page: Page, query: Query, selection: Selection, state: BucketState): Record<string, unknown> {
  const { items, prefixes, next } = page;
  const place = { bucket: state.name, url: state.url };
  const isWanted = (name: string): boolean => wantedBelow(selection, name) !== undefined;
  const ofItems = wantedBelow(selection, "items");
  const body: Record<string, unknown> = {};
  if (isWanted("kind")) body["kind"] = "storage#objects";
  if (next !== undefined && isWanted("nextPageToken")) {
    body["nextPageToken"] = state.pageTokens.issue(next, scopeOf(query));
  }
  if (prefixes.length > 0 && isWanted("prefixes")) body["prefixes"] = prefixes;
  if (items.length > 0 && ofItems !== undefined) {
    body["items"] = items.map((object) => resourceOf(object, place, ofItems));
  }
  return body;
}
