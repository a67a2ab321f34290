// What each place of an MCP message is, as far as masking goes: most are text, some hold the protocol together, some hold
// bytes. MCP 2024-11-05 to 2026-07-28. A place that is not named here is text, so that what a later revision adds is
// masked as well. Pure.

/** Text of any kind: names and values are masked. */
export const FREE = 0;
/** The message, and the objects whose members the protocol names: their names are no data. */
export const MESSAGE = 1;
const BODY = 2;
/** Opaque to the client and handed back by it: masking would break it, so a finding withholds the message. */
export const HANDLE = 3;
/** The client's own, echoed: never looked at. */
export const ECHO = 4;
export const URI = 5;
/** `structuredContent`: has to satisfy the tool's schema. */
export const STRUCTURED = 6;
/** A list of content blocks, and a block or embedded resource in it. */
const CONTENT = 7;
export const BLOCK = 8;
/** A JSON schema: its names and keywords are no data; texts in it may be. */
const SCHEMA = 9;
/** Base64 of an image, a sound or a resource. */
export const BINARY = 10;

type Members = Readonly<Record<string, number>>;

const CONTENT_MEMBERS: Members = { data: BINARY, blob: BINARY, resource: BLOCK, content: CONTENT, uri: URI };

const MEMBERS: Readonly<Record<number, Members>> = {
  // An id is the client's own, or a number that the server counts up.
  [MESSAGE]: { jsonrpc: ECHO, id: HANDLE, method: ECHO, params: BODY, result: BODY, error: FREE },
  [BODY]: {
    _meta: BODY,
    progressToken: ECHO,
    nextCursor: HANDLE,
    requestState: HANDLE,
    taskId: HANDLE,
    elicitationId: HANDLE,
    requestId: ECHO,
    resultType: ECHO,
    protocolVersion: ECHO,
    'io.modelcontextprotocol/subscriptionId': ECHO,
    'io.modelcontextprotocol/protocolVersion': ECHO,
    content: CONTENT,
    contents: CONTENT,
    messages: CONTENT,
    structuredContent: STRUCTURED,
    tools: BODY,
    prompts: BODY,
    resources: BODY,
    resourceTemplates: BODY,
    inputRequests: BODY,
    result: BODY,
    params: BODY,
    task: BODY,
    uri: URI,
    uriTemplate: URI,
    url: URI,
    inputSchema: SCHEMA,
    outputSchema: SCHEMA,
    requestedSchema: SCHEMA,
  },
  [BLOCK]: { ...CONTENT_MEMBERS, structuredContent: FREE, _meta: BODY },
};

/** What a member of an object in this role is. */
export const roleOfMember = (role: number, name: string): number => {
  const members = MEMBERS[role];
  if (members !== undefined && Object.hasOwn(members, name)) return members[name] ?? FREE;
  return role === SCHEMA || role === STRUCTURED || role === HANDLE ? role : FREE;
};

/** What an item of a list in this role is. */
export const roleOfItem = (role: number): number => (role === CONTENT ? BLOCK : role);

/** Whether the names of an object's members are data, so that they are masked and say what their values are. */
export const hasDataNames = (role: number): boolean => role === FREE || role === STRUCTURED;

/** Content blocks of the protocol and of sampling; anything else is a type that nobody knows how to mask. */
const BLOCK_TYPES = new Set(['text', 'image', 'audio', 'resource', 'resource_link', 'tool_use', 'tool_result']);

export const isKnownBlock = (type: string): boolean => BLOCK_TYPES.has(type);
