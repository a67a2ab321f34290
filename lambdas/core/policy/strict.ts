// Which calls are strict: their signed intent lies in the locked bucket before the upstream hears of them. The one place
// that decides it. Pure.

import type { ServerConfig } from '../../gateway-config.ts';
import { type ClientMessage, subjectOf } from '../mcp/message.ts';

/**
 * Decided towards strict wherever there is a doubt: a tool that cannot be named is any tool, and a name in another
 * spelling may be the same tool to a server that reads leniently.
 */
export const isStrict = ({ strict }: Pick<ServerConfig, 'strict'>, message: ClientMessage | null): boolean => {
  if (strict === false || message === null || message.kind === 'response') return false;
  if (folded(message.method) !== 'tools/call') return false;
  if (strict === true) return true;
  const tool = subjectOf('tools/call', message.params);
  return tool === undefined || strict.some((name) => folded(name) === folded(tool));
};

const folded = (name: string): string => name.normalize('NFKC').trim().toLowerCase();
