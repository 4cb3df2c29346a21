import type { Node, NodeAPI } from "node-red";
import { parseEcsOptions, type EcsOptions } from "../lib/ecs/ecs-options";
import { settingsOf } from "./node-settings";

/** Properties of the node that may hold environment variables. */
const SETTINGS = ["kind", "preserveOriginal", "preserveDuplicates", "wrapSingles"] as const;

/** What an ECS node is set to, with environment variables replaced. @throws XdrError `XDR_CONFIG_INVALID` naming the property */
export function ecsSettings(RED: NodeAPI, config: object, node: Node): EcsOptions {
  return parseEcsOptions(settingsOf(RED, config, SETTINGS, node));
}
