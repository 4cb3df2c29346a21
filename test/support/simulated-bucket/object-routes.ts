import { JSON_TYPE, usualRefusal, type Answer, type Refusal } from "./answers";
import { acceptsGzip, type Call } from "./call";
import { parseFields } from "./fields";
import { guard } from "./guard";
import { mediaHeaders } from "./media-headers";
import { checkQuery, digits, isRefusal, oneOf, type Query } from "./query";
import { parseRange } from "./range";
import { OBJECT_SHAPE, resourceOf } from "./resource";
import type { StoredObject } from "./shelf";

const CONDITIONS = ["ifGenerationMatch", "ifGenerationNotMatch", "ifMetagenerationMatch", "ifMetagenerationNotMatch"];
const KNOWN = ["generation", "projection", ...CONDITIONS];

/** The resource of one object. Source: Cloud Storage JSON API v1, "Objects: get". */
export function getMeta(call: Call): Answer | Refusal {
  const query = checkQuery(call.params, KNOWN);
  if (isRefusal(query)) return query;
  const wrong = [oneOf(query, "alt", ["json"]), oneOf(query, "prettyPrint", ["true", "false"])].find(isRefusal);
  if (wrong !== undefined) return wrong;
  const selection = parseFields(query.get("fields"), OBJECT_SHAPE);
  if (isRefusal(selection)) return selection;
  const object = find(call, query);
  if (!isObject(object)) return object;
  const { state } = call;
  const resource = resourceOf(object, { bucket: state.name, url: state.url }, selection);
  const body = JSON.stringify(resource, null, query.get("prettyPrint") === "false" ? 0 : 2);
  return { status: 200, headers: { "Content-Type": JSON_TYPE }, body };
}

/** The content of one object, or a part of it. Source: as {@link getMeta}, with `alt=media`. */
export function getMedia(call: Call): Answer | Refusal {
  const query = checkQuery(call.params, KNOWN);
  if (isRefusal(query)) return query;
  const object = find(call, query);
  if (!isObject(object)) return object;
  const { headers, fault } = call;
  const isTranscoded = fault?.transcode === true || mustTranscode(object, acceptsGzip(headers));
  const size = object.content.sizeBytes;
  const isWhole = isTranscoded || fault?.ignoreRange === true;
  const range = isWhole ? undefined : parseRange(headers.range, size);
  if (range === "unsatisfiable") {
    return { ...usualRefusal(416), headers: { "Content-Range": `bytes */${size}` } };
  }
  const shown = mediaHeaders(object, isTranscoded);
  const { from, to } = range ?? { from: 0, to: size };
  const part: Record<string, string> =
    range === undefined ? {} : { "Content-Range": `bytes ${from}-${to - 1}/${size}` };
  return {
    status: range === undefined ? 200 : 206,
    headers: { ...shown, ...part },
    body: { object, from, to, isTranscoded },
  };
}

/** Source: Cloud Storage documentation, "Transcoding of gzip-compressed files". */
function mustTranscode({ options }: StoredObject, isGzipAccepted: boolean): boolean {
  const isKept = (options.cacheControl ?? "").toLowerCase().includes("no-transform");
  return options.contentEncoding === "gzip" && !isGzipAccepted && !isKept;
}

const isObject = (found: StoredObject | Refusal | Answer): found is StoredObject => "content" in found;

/** The live version, when it is the one that was asked for and the caller may read it. */
function find(call: Call, query: Query): StoredObject | Refusal | Answer {
  const { state, target } = call;
  const generation = digits(query, "generation");
  const conditions = CONDITIONS.map((name) => digits(query, name));
  if (isRefusal(generation)) return generation;
  const wrong = conditions.find(isRefusal);
  if (wrong !== undefined) return wrong;
  const refused = guard(call, "storage.objects.get");
  if (refused !== undefined) return refused;
  const name = target.name ?? "";
  const object = state.shelf.get(name);
  if (object === undefined || (generation !== undefined && String(generation) !== object.generation)) {
    return { status: 404, reason: "notFound", message: `No such object: ${state.name}/${name}` };
  }
  const [generationIs, generationIsNot, metaIs, metaIsNot] = conditions;
  const is = BigInt(object.generation);
  const meta = BigInt(object.metageneration);
  const isMissed = [generationIs ?? is, metaIs ?? meta].some((wanted, at) => wanted !== [is, meta][at]);
  if (isMissed) return { ...usualRefusal(412), at: { location: "If-Match", locationType: "header" } };
  if (generationIsNot === is || metaIsNot === meta) return { status: 304, headers: {}, body: "" };
  return object;
}
