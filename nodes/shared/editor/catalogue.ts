const MODULE = "@secops-flows/node-red-cortex-xdr";

/** Translates a key of one node's catalogue, with the values for its `__placeholders__`. */
export type Translate = (key: string, values?: Readonly<Record<string, unknown>>) => string;

/** For texts that are needed where `this._` does not exist: at registration, and in validators. */
export function catalogue(nodeSet: string): Translate {
  return (key, values) => RED._(`${MODULE}/${nodeSet}:${nodeSet}.${key}`, values);
}
