export function installedFirefox(): string | undefined { return '/usr/bin/firefox-esr' }
