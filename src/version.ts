/** The package's version; a test holds it to package.json. Code, because the core reads no files. */
export const VERSION = '0.1.0';
