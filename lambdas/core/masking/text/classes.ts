// What a character can begin, as one table: the scanner looks at every character once, and only what may begin a match
// costs more than a table read. Pure.

export const LETTER = 1;
export const DIGIT = 2;
/** Joins the parts of a long token (`a_b-c+d/e=`) without being one. */
export const JOINER = 3;
export const BREAK = 4;
export const AT = 5;
export const COLON = 6;
/** `%`, `&` and `\`: may begin an encoded character. */
export const ESCAPE = 7;
export const NEWLINE = 8;
/** `{` and `[`: may begin JSON. */
export const OPEN = 9;

const classOf = (char: string): number => {
  if (/[A-Za-z]/.test(char)) return LETTER;
  if (/[0-9]/.test(char)) return DIGIT;
  if (/[-+/_=]/.test(char)) return JOINER;
  if (char === '@') return AT;
  if (char === ':') return COLON;
  if (/[%&\\]/.test(char)) return ESCAPE;
  if (/[{[]/.test(char)) return OPEN;
  return char === '\n' ? NEWLINE : BREAK;
};

/** Class of each ASCII character. */
export const CLASSES = Uint8Array.from({ length: 128 }, (_, code) => classOf(String.fromCharCode(code)));

/** 0x20 set makes an ASCII letter lower case. */
export const isLetterCode = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;

export const isDigitCode = (code: number): boolean => code >= 0x30 && code <= 0x39;

export const isAlnumCode = (code: number): boolean => isDigitCode(code) || isLetterCode(code);

export const isUpperCode = (code: number): boolean => code >= 0x41 && code <= 0x5a;
