package io.watchkeeper.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;

/** Makes up requests as no client should send them, from random numbers. */
final class MalformedRequest {

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "BREW", "");
    private static final List<String> PATHS = List.of(
            "/",
            "/v1/status",
            "/v1/runs",
            "/v1/runs?limit=",
            "/v1/runs?state=",
            "/v1/runs?before=",
            "/v1/runs/",
            "/v1/runbooks/",
            "/v1/meta/health",
            "/v1/checklists?checklist=",
            "/v1/backups?database=",
            "/health/live",
            "/metrics?",
            "/runs?runbook=",
            "/runbooks/",
            "/page/",
            "/nothing/");
    private static final List<String> BITS = List.of(
            "%",
            "%00",
            "%2e%2e%2f",
            "../",
            "..;/",
            "%c0%af",
            "%ff",
            "\u0000",
            "\t",
            " ",
            "//",
            ";a=b",
            "?",
            "#",
            "&",
            "=",
            "'",
            "\"",
            "<script>",
            "${7*7}",
            "{{7}}",
            "\\",
            "%0d%0aX: y",
            "é",
            "\u007f",
            "*",
            "http://evil/",
            "@",
            ":",
            "[",
            "]");
    private static final List<String> HEADERS = List.of(
            "Host: ",
            "Host",
            "Content-Length: -1",
            "Content-Length: 99999999999999999999",
            "Content-Length: 1\r\nContent-Length: 2",
            "Content-Length: 0x10",
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            "Transfer-Encoding: gzip, chunked, identity",
            "Transfer-Encoding: \u000bchunked",
            "Expect: 200-maybe",
            "Connection: upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
            "Cookie: watchkeeper_session",
            "Cookie: =;=;;\"",
            "Cookie: watchkeeper_session=\"a\\\"b\"; $Version=1",
            "Accept-Language: ,;q=x, ko;q=9e999,*",
            "Accept: text/html;q=nan",
            "Last-Event-ID: -9999999999999999999999",
            "X-Request-Id: a\u0001b",
            "Origin: http://[::1",
            "Range: bytes=-1-9,99999-",
            "If-Modified-Since: never",
            "Content-Encoding: gzip",
            "Content-Type: application/json; charset=utf-99",
            "Content-Type: multipart/form-data; boundary=",
            " folded: x",
            "\tx",
            ":",
            ": x",
            "a b: c",
            "X-\u0000: y",
            "X: \r y");
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "1e999999999",
            "-0",
            "123456789012345678901234567890",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "NaN",
            "\"x\"",
            "[]",
            "{}",
            "[[[]]]",
            "{\"a\":{\"b\":[]}}",
            "\"'; drop table runs; --\"",
            "01",
            "+1",
            "\"",
            "\u0000",
            "{\"paused\":1}",
            "{\"paused\":true,\"paused\":false}");
    private static final List<String> FIELDS = List.of(
            "params", "dryRun", "paused", "timestamp", "lsn", "database", "id", "region", "rev", "__proto__", "");

    private final Random random;
    private final String token;
    private final String runbook;
    private final String host;

    MalformedRequest(Random random, String token, String runbook, int port) {
        this.random = random;
        this.token = token;
        this.runbook = runbook;
        this.host = "127.0.0.1:" + port;
    }

    byte[] next() {
        return switch (random.nextInt(10)) {
            case 0 -> noise();
            case 1 -> line();
            case 2, 3 -> headers();
            case 4 -> chunks();
            case 5, 6 -> bytes(change(json()));
            case 7 -> bytes("GET " + path() + " HTTP/1.1\r\n" + usual() + "\r\n");
            default ->
                damaged(bytes(
                        random.nextBoolean() ? change(json()) : "GET /v1/status HTTP/1.1\r\n" + usual() + "\r\n"));
        };
    }

    private byte[] noise() {
        byte[] bytes = new byte[random.nextInt(400)];
        random.nextBytes(bytes);
        if (bytes.length > 5 && random.nextInt(4) == 0) {
            // The beginning of a TLS handshake.
            bytes[0] = 0x16;
            bytes[1] = 0x03;
        }
        return bytes;
    }

    private byte[] line() {
        String version =
                one(List.of("HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "HTTP/2.0", "HTTP/1.1x", "http/1.1", "", "XTTP/1.1"));
        String gap = one(List.of(" ", " ", " ", "  ", "\t", ""));
        String target = random.nextInt(6) == 0 ? "/" + "a".repeat(random.nextInt(20_000)) : path();
        return bytes(one(METHODS) + gap + target + gap + version + one(List.of("\r\n", "\n", "\r")) + usual() + "\r\n");
    }

    private byte[] headers() {
        StringBuilder request = new StringBuilder(one(METHODS))
                .append(' ')
                .append(one(PATHS))
                .append(" HTTP/1.1\r\n")
                .append(usual());
        for (int i = random.nextInt(4); i >= 0; i--) {
            request.append(one(HEADERS)).append("\r\n");
        }
        if (random.nextInt(10) == 0) {
            request.append("X-Many: y\r\n".repeat(random.nextInt(3_000)));
        }
        if (random.nextInt(10) == 0) {
            request.append("X-Large: ")
                    .append("z".repeat(random.nextInt(50_000)))
                    .append("\r\n");
        }
        return bytes(request + "\r\n" + one(VALUES));
    }

    private byte[] chunks() {
        StringBuilder request = new StringBuilder("PUT /v1/runbooks/" + runbook + "/paused HTTP/1.1\r\n" + usual()
                + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = random.nextInt(5); i >= 0; i--) {
            String data = one(VALUES);
            String size = random.nextInt(3) == 0
                    ? one(List.of(
                            "-1", "ffffffffffffffffff", "", "zz", "0x5", "7fffffff", "5;ext=\"", "00000000000000005"))
                    : Integer.toHexString(data.length());
            request.append(size)
                    .append(one(List.of("\r\n", "\r\n", "\n", "")))
                    .append(data)
                    .append(one(List.of("\r\n", "\r\n", "")));
        }
        if (random.nextBoolean()) {
            request.append("0\r\n")
                    .append(one(List.of("", "Trailer\r\n", "Content-Length: 5\r\n")))
                    .append("\r\n");
        }
        return bytes(request.toString());
    }

    private String change(String body) {
        String path = one(List.of(
                "PUT /v1/runbooks/" + runbook + "/paused",
                "PUT /v1/runbooks/" + runbook + "/paused",
                "POST /v1/meta/pitr",
                "POST /v1/meta/tenant",
                "POST /v1/meta/migrate",
                "POST /v1/runs/01J/approvals",
                "POST /v1/runbooks/" + runbook + "/runs",
                "DELETE /v1/runs/" + one(BITS),
                "POST /v1/session"));
        int length = body.getBytes(StandardCharsets.ISO_8859_1).length
                + (random.nextInt(8) == 0 ? random.nextInt(7) - 3 : 0);
        return path + " HTTP/1.1\r\n" + usual() + "Content-Type: application/json\r\nContent-Length: " + length
                + "\r\n\r\n" + body;
    }

    /** Never an empty object, which would be well formed. */
    private String json() {
        if (random.nextInt(12) == 0) {
            String open = one(List.of("[", "{\"a\":", "{\"params\":{\"x\":["));
            return open.repeat(1 + random.nextInt(3_000 / open.length()));
        }
        if (random.nextInt(12) == 0) {
            return "{\"params\":{\"n\":" + "9".repeat(random.nextInt(3_000)) + "}}";
        }
        StringBuilder body =
                new StringBuilder("{\"").append(one(FIELDS)).append("\":").append(one(VALUES));
        for (int i = random.nextInt(3); i > 0; i--) {
            body.append(",\"").append(one(FIELDS)).append("\":").append(one(VALUES));
        }
        return body.append(random.nextInt(5) == 0 ? "" : "}").toString();
    }

    private String path() {
        StringBuilder path = new StringBuilder(one(PATHS));
        for (int i = random.nextInt(4); i > 0; i--) {
            path.append(one(BITS));
        }
        return path.toString();
    }

    private String usual() {
        return "Host: " + host + "\r\n" + (random.nextInt(20) == 0 ? "" : "Authorization: Bearer " + token + "\r\n")
                + (random.nextInt(3) == 0 ? "Accept: text/html\r\n" : "");
    }

    /** Some bytes changed, left out, doubled or put in, perhaps the end cut off. */
    private byte[] damaged(byte[] request) {
        ByteArrayOutputStream damaged = new ByteArrayOutputStream();
        int rate = 20 + random.nextInt(200);
        for (byte b : request) {
            switch (random.nextInt(rate)) {
                case 0 -> damaged.write(random.nextInt(256));
                case 1 -> {}
                case 2 -> {
                    damaged.write(b);
                    damaged.write(b);
                }
                case 3 -> {
                    damaged.write(random.nextInt(256));
                    damaged.write(b);
                }
                default -> damaged.write(b);
            }
        }
        byte[] whole = damaged.toByteArray();
        return random.nextInt(4) == 0 ? java.util.Arrays.copyOf(whole, random.nextInt(whole.length + 1)) : whole;
    }

    private String one(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
