// The MCP Inspector's command line, unmodified, signing in by itself: it registers, listens on a loopback port, prints the
// authorization URL and waits for a browser to come back. We are that browser.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { visit } from './browser.ts';
import { SignInError } from './sign-in-error.ts';

export interface InspectorOptions {
  readonly serverUrl: string;
  readonly person: string;
  /** For example `['--method', 'tools/list']`; `--protocol-era modern` speaks 2026-07-28. */
  readonly args: readonly string[];
}

export interface InspectorRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const PACKAGE = '@modelcontextprotocol/inspector/package.json';
// What the Inspector prints before it opens the browser (its cli-oauth-navigation.ts).
const INVITATION = /Please navigate to: (http\S+)/;

/** Runs `mcp-inspector --cli <serverUrl> ...args` in a fresh home, signing in as `person` when it asks. */
export async function runInspector(options: InspectorOptions): Promise<InspectorRun> {
  const home = await mkdtemp(join(tmpdir(), 'countersign-inspector-'));
  try {
    await hideBrowsers(home);
    return await run(options, home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function run({ serverUrl, person, args }: InspectorOptions, home: string): Promise<InspectorRun> {
  const connection = [
    '--server-url',
    serverUrl,
    '--transport',
    'http',
    '--callback-url',
    'http://127.0.0.1:0/oauth/callback',
  ];
  const child = spawn(process.execPath, [await inspectorPath(), '--cli', ...connection, ...args], {
    env: { ...process.env, ...inspectorEnvironment(home) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let signIn: Promise<void> | null = null;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const authorizationUrl = INVITATION.exec(stderr)?.[1];
    if (authorizationUrl === undefined || signIn !== null) return;
    signIn = answer(new URL(authorizationUrl), person);
    // It would wait a quarter of an hour for a browser that has already failed.
    signIn.catch(() => child.kill());
  });
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
  await signIn;
  return { stdout, stderr, exitCode };
}

async function answer(authorizationUrl: URL, person: string): Promise<void> {
  const redirectUri = authorizationUrl.searchParams.get('redirect_uri');
  if (redirectUri === null) throw new SignInError('authorization_refused', 'the Inspector named no redirect_uri');
  const response = await fetch(await visit({ authorizationUrl, person, redirectUri }));
  await response.text();
}

const inspectorEnvironment = (home: string): Record<string, string> => ({
  // Signs in although nobody is at a terminal; the price is that it also tries to open a browser.
  MCP_AUTO_OPEN_ENABLED: 'true',
  BROWSER: 'true',
  PATH: `${home}${delimiter}${process.env['PATH'] ?? ''}`,
  // Nothing of this run is left in the person's own Inspector, nor the other way round.
  HOME: home,
  MCP_STORAGE_DIR: home,
  MCP_INSPECTOR_SECRET_STORE: 'memory',
});

/** The programs that open a browser on macOS and Linux, replaced by ones that do nothing. */
async function hideBrowsers(folder: string): Promise<void> {
  for (const name of ['open', 'xdg-open']) {
    await writeFile(join(folder, name), '#!/bin/sh\nexit 0\n');
    await chmod(join(folder, name), 0o755);
  }
}

async function inspectorPath(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve(PACKAGE);
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: Record<string, string> };
  return join(dirname(manifest), bin['mcp-inspector'] ?? '');
}
