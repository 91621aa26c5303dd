package io.watchkeeper.http;

import java.util.Map;

/** What browsers are forbidden with every answer, errors included. */
final class SecurityHeaders {

    /** Nothing from elsewhere, no inline script or style: what a runbook's text might smuggle into the page cannot run. */
    private static final String CONTENT_POLICY =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";

    static final Map<String, String> ALL = Map.ofEntries(
            Map.entry("Content-Security-Policy", CONTENT_POLICY),
            Map.entry("X-Content-Type-Options", "nosniff"),
            Map.entry("X-Frame-Options", "DENY"),
            Map.entry("Referrer-Policy", "no-referrer"),
            Map.entry("Cross-Origin-Resource-Policy", "same-origin"),
            Map.entry("Cross-Origin-Opener-Policy", "same-origin"),
            Map.entry(
                    "Permissions-Policy",
                    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
            Map.entry("Cache-Control", "no-store"));

    private SecurityHeaders() {}
}
