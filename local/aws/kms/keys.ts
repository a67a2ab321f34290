// KMS keys and aliases: what they are, how they are found, whether they may be used.
// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html

import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { Files } from '../files.ts';
import { ACCOUNT_ID, AwsError } from '../wire.ts';

export const KEY_SPECS = ['SYMMETRIC_DEFAULT', 'ECC_NIST_P256', 'ECC_NIST_EDWARDS25519'] as const;
export type KeySpec = (typeof KEY_SPECS)[number];
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly spec: KeySpec;
  readonly description: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  /** Epoch milliseconds; set while deletion is pending. */
  readonly deletionAt: number | null;
  /** 32 bytes of AES key, or a PKCS#8 private key; base64. */
  readonly material: string;
}

interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly region: string;
  readonly keyId: string;
  readonly createdAt: number;
}

export interface KeyStore {
  create(spec: KeySpec, description: string, region: string): Key;
  save(key: Key): Key;
  all(region: string): Key[];
  aliases(region: string): Alias[];
  saveAlias(alias: Alias): void;
  removeAlias(alias: Alias): void;
  /** By id, key ARN, alias name or alias ARN; NotFoundException otherwise, also for a key of another region. */
  find(id: string, region: string): Key;
}

export const usageOf = (key: Key): KeyUsage => (key.spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY');

const CURVES = { ECC_NIST_P256: 'P-256', ECC_NIST_EDWARDS25519: 'Ed25519' } as const;

const generateMaterial = (spec: KeySpec): Buffer => {
  if (spec === 'SYMMETRIC_DEFAULT') return randomBytes(32);
  const { privateKey } =
    CURVES[spec] === 'P-256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'der' });
};

/** Throws unless the key is enabled and made for this use. */
export const requireUsable = (key: Key, usage: KeyUsage): Key => {
  if (key.state === 'Disabled') throw new AwsError('DisabledException', `${key.arn} is disabled.`);
  if (key.state === 'PendingDeletion')
    throw new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);
  if (usageOf(key) !== usage) {
    const reason = `${key.arn} key usage is ${usageOf(key)} which is not valid for this operation.`;
    throw new AwsError('InvalidKeyUsageException', reason);
  }
  return key;
};

const load = <T>(files: Files, folder: string): T[] =>
  files.list(folder).map((path) => JSON.parse(files.read(path).toString('utf8')) as T);

const aliasPath = (alias: Alias): string => `kms/aliases/${alias.region}/${encodeURIComponent(alias.name)}.json`;

export const openKeyStore = (files: Files, now: () => number): KeyStore => {
  const keys = new Map(load<Key>(files, 'kms/keys').map((key) => [key.id, key]));
  const aliases = new Map(load<Alias>(files, 'kms/aliases').map((alias) => [alias.arn, alias]));

  const save = (key: Key): Key => {
    files.write(`kms/keys/${key.id}.json`, JSON.stringify(key));
    keys.set(key.id, key);
    return key;
  };
  const arnOf = (region: string, resource: string): string => `arn:aws:kms:${region}:${ACCOUNT_ID}:${resource}`;

  return {
    save,
    create: (spec, description, region) => {
      const id = randomUUID();
      const fresh = { state: 'Enabled', deletionAt: null, createdAt: now() } as const;
      const material = generateMaterial(spec).toString('base64');
      return save({ id, arn: arnOf(region, `key/${id}`), region, spec, description, ...fresh, material });
    },
    all: (region) => [...keys.values()].filter((key) => key.region === region),
    aliases: (region) => [...aliases.values()].filter((alias) => alias.region === region),
    saveAlias: (alias) => {
      files.write(aliasPath(alias), JSON.stringify(alias));
      aliases.set(alias.arn, alias);
    },
    removeAlias: (alias) => {
      files.remove(aliasPath(alias));
      aliases.delete(alias.arn);
    },
    find: (id, region) => {
      const name = id.startsWith('alias/') ? arnOf(region, id) : id;
      const keyId = aliases.get(name)?.keyId ?? (name.startsWith(arnOf(region, 'key/')) ? name.split('/')[1] : name);
      const key = keys.get(keyId ?? '');
      if (key?.region === region) return key;
      const kind = id.includes('alias/') ? 'Alias' : 'Key';
      throw new AwsError('NotFoundException', `${kind} ${name} is not found in region ${region}.`);
    },
  };
};
