package io.watchkeeper.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;

/** The page's style, script and icons. Only files named here are served; their version is part of every link to them. */
final class Assets {

    private static final Map<String, String> TYPES = Map.of(
            "watchkeeper.css", "text/css; charset=utf-8",
            "watchkeeper.js", "text/javascript; charset=utf-8",
            "charts.js", "text/javascript; charset=utf-8",
            "uplot.js", "text/javascript; charset=utf-8",
            "uplot.css", "text/css; charset=utf-8",
            "icon.svg", "image/svg+xml",
            "alert.svg", "image/svg+xml");

    private final Map<String, byte[]> files = new TreeMap<>();
    private final String version;

    Assets() {
        CRC32 sum = new CRC32();
        for (String name : new TreeSet<>(TYPES.keySet())) {
            byte[] file = read(name);
            files.put(name, file);
            sum.update(file);
        }
        version = Long.toHexString(sum.getValue());
    }

    String version() {
        return version;
    }

    String style() {
        return new String(read("watchkeeper.css"), StandardCharsets.UTF_8);
    }

    void serve(Context ctx) {
        String name = ctx.pathParam("file");
        byte[] file = files.get(name);
        if (file == null) {
            throw ApiException.notFound("there is nothing at " + ctx.path(), null);
        }
        boolean current = version.equals(ctx.queryParam("v"));
        ctx.header("Cache-Control", current ? "public, max-age=31536000, immutable" : "no-cache")
                .contentType(TYPES.getOrDefault(name, "application/octet-stream"))
                .result(file);
    }

    private static byte[] read(String name) {
        try (InputStream in = Assets.class.getResourceAsStream("/page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("the jar has no /page/" + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
