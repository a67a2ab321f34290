// What to paste into which MCP client. The URL is all a client needs: it finds the sign-in by itself.

export interface ConnectLine {
  readonly client: string;
  readonly text: string;
}

export const connectLines = (server: string, url: string): readonly ConnectLine[] => [
  { client: 'Claude Code', text: `claude mcp add --transport http ${server} ${url}` },
  { client: 'VS Code (.vscode/mcp.json)', text: JSON.stringify({ servers: { [server]: { type: 'http', url } } }) },
  {
    client: 'Inspector',
    text: `npx @modelcontextprotocol/inspector --cli ${url} --transport http --method tools/list`,
  },
];
