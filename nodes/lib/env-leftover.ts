const ANYWHERE = /\$\{([^}]*)\}/;
/** The older form; Node-RED replaces it only as a whole value. */
const WHOLE = /^\$\(([^)]*)\)$/;

/**
 * Name of an environment variable that was not replaced: Node-RED leaves `${NAME}` as it stands when NAME is not set.
 */
export function unsetVariable(value: string): string | undefined {
  return (ANYWHERE.exec(value) ?? WHOLE.exec(value.trim()))?.[1];
}
