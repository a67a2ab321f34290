// Versions of the Python packages, exact: corrected-ministack.py replaces internals of one of them.

export const PYTHON_PACKAGES: Readonly<Record<'ministack' | 'cryptography' | 'cfn-lint', string>> = {
  ministack: '1.4.21',
  cryptography: '50.0.2',
  'cfn-lint': '1.58.0',
};

/** Oldest Python that MiniStack runs on. */
export const PYTHON_AT_LEAST = [3, 10] as const;
