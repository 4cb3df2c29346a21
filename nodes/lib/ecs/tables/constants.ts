/** Version of the schema that the documents follow. */
export const ECS_VERSION = "8.11.0";
