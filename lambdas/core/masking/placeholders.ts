// What stands for a masked value of a format: valid, naming nothing, and found by no detector. Pure.

/** By `format` of JSON Schema. */
export const BY_FORMAT: Readonly<Record<string, string>> = {
  date: '0001-01-01',
  'date-time': '0001-01-01T00:00:00Z',
  time: '00:00:00Z',
  duration: 'PT0S',
  email: 'masked@masked.invalid',
  'idn-email': 'masked@masked.invalid',
  hostname: 'masked.invalid',
  'idn-hostname': 'masked.invalid',
  uri: 'masked:value',
  'uri-reference': 'masked:value',
  iri: 'masked:value',
  'iri-reference': 'masked:value',
  'json-pointer': '',
  uuid: '00000000-0000-0000-0000-000000000000',
  ipv4: '0.0.0.0',
  ipv6: '::',
};

const PLACEHOLDERS: ReadonlySet<string> = new Set(Object.values(BY_FORMAT));

export const isPlaceholder = (value: string): boolean => PLACEHOLDERS.has(value);
