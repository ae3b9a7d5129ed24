/** A system as the names of files say it. */
export interface System {
  os: 'linux' | 'macos' | 'windows';
  /** None where the browser does not tell. */
  arch: 'x86_64' | 'aarch64' | undefined;
}

/** What a browser says about the machine it runs on. */
export interface Hints {
  userAgent: string;
  /** What newer browsers say of the system, where they do. */
  platform?: string | undefined;
  /** As above, of the processor: `arm` or `x86`. */
  architecture?: string | undefined;
}

/** The visitor's system; none when it is one that no runner works on, such as a phone. */
export function systemOf({ userAgent, platform, architecture }: Hints): System | undefined {
  if (/android|iphone|ipad|mobile/i.test(userAgent)) return undefined;
  const said = `${platform ?? ''} ${userAgent}`;
  const os = /mac/i.test(said)
    ? 'macos'
    : /win/i.test(said)
      ? 'windows'
      : /linux|x11/i.test(said)
        ? 'linux'
        : undefined;
  if (os === undefined) return undefined;
  return { os, arch: archOf(os, userAgent, architecture) };
}

function archOf(os: System['os'], userAgent: string, architecture: string | undefined): System['arch'] {
  if (architecture !== undefined && architecture !== '')
    return /arm/i.test(architecture) ? 'aarch64' : 'x86_64';
  if (/aarch64|arm64/i.test(userAgent)) return 'aarch64';
  // Every Mac says "Intel" there, whatever it has.
  if (os === 'macos') return undefined;
  return /x86_64|x64|win64|amd64/i.test(userAgent) ? 'x86_64' : undefined;
}

interface UserAgentData {
  platform?: string;
  getHighEntropyValues?: (names: string[]) => Promise<{ architecture?: string }>;
}

/** Asks this browser for its system. */
export async function detect(): Promise<System | undefined> {
  const data = (navigator as { userAgentData?: UserAgentData }).userAgentData;
  let architecture: string | undefined;
  try {
    architecture = (await data?.getHighEntropyValues?.(['architecture']))?.architecture;
  } catch {
    // A browser that does not want to tell; the choice stays with the person.
  }
  return systemOf({ userAgent: navigator.userAgent, platform: data?.platform, architecture });
}
