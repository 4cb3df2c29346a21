/** Ends the mapping of a record; its document stays as it is, and carries the message. Never leaves nodes/lib/ecs. */
export class MappingStop extends Error {}
