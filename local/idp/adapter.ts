// oidc-provider's storage port over our Store. Lookups other than by id scan: a laptop holds hundreds of entries.
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Store } from './store.ts';

// The models that a grant owns; revoking the grant (replayed code, replayed refresh token) removes them.
const OWNED_BY_GRANT = ['AccessToken:', 'AuthorizationCode:', 'RefreshToken:'];

export const makeAdapter =
  (store: Store) =>
  (model: string): Adapter => {
    const keyOf = (id: string): string => `${model}:${id}`;
    const find = (id: string): AdapterPayload | undefined => store.get(keyOf(id)) as AdapterPayload | undefined;
    const findBy = (matches: (payload: AdapterPayload) => boolean): AdapterPayload | undefined =>
      [...store.list(`${model}:`)].map(([, value]) => value as AdapterPayload).find(matches);
    return {
      upsert: (id, payload, expiresIn) =>
        store.set(keyOf(id), payload, expiresIn === undefined ? null : Date.now() + expiresIn * 1000),
      find: (id) => Promise.resolve(find(id)),
      findByUid: (uid) => Promise.resolve(findBy((payload) => payload.uid === uid)),
      findByUserCode: (userCode) => Promise.resolve(findBy((payload) => payload.userCode === userCode)),
      async consume(id) {
        const payload = find(id);
        if (payload === undefined) return;
        payload.consumed = Math.floor(Date.now() / 1000);
        await store.flush();
      },
      destroy: (id) => store.delete(keyOf(id)),
      revokeByGrantId(grantId) {
        const owned = OWNED_BY_GRANT.flatMap((prefix) => [...store.list(prefix)]);
        const mine = owned.filter(([, value]) => (value as AdapterPayload).grantId === grantId);
        return store.delete(...mine.map(([key]) => key));
      },
    };
  };
