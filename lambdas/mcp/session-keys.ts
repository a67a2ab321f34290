// One data key per session and process: generated once, its wrapped form durable before anything is sealed with it.

import type { ContentKey } from '../adapters/kms-content-keys.ts';
import type { McpPorts } from './ports.ts';

export interface SessionKeys {
  obtain(sid: string): Promise<ContentKey>;
}

/** Keys of this many sessions stay in memory; a session that comes back gets another key. */
const MAX_KEYS = 1000;

export const makeSessionKeys = ({ contentKeys, records }: Pick<McpPorts, 'contentKeys' | 'records'>): SessionKeys => {
  const cache = new Map<string, Promise<ContentKey>>();
  const create = async (sid: string): Promise<ContentKey> => {
    const key = await contentKeys.generate(sid);
    await records.saveContentKey({ sid, kid: key.kid, wrapped: key.wrapped });
    return key;
  };
  return {
    obtain: (sid) => {
      const cached = cache.get(sid);
      if (cached !== undefined) return cached;
      const created = create(sid);
      // Evict the oldest; a failed creation must not be remembered.
      const oldest = cache.size >= MAX_KEYS ? cache.keys().next().value : undefined;
      if (oldest !== undefined) cache.delete(oldest);
      cache.set(sid, created);
      created.catch(() => cache.delete(sid));
      return created;
    },
  };
};
