package io.watchkeeper.toolkit.migrate;

import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Database;
import io.watchkeeper.postgres.PgBinaries;
import io.watchkeeper.postgres.PgCommand;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.Work;
import io.watchkeeper.problem.OperatorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Everything that pg_dump says of a database's schema, but for what Sqitch and the agent keep there for themselves.
 *
 * @param objects what makes each of them, by pg_dump's heading; the columns of a table in no order, because a column that comes back is the
 *     last one
 */
record SchemaDump(Map<String, List<String>> objects) {

    private static final String HEADING = "-- Name: ";

    /** @param folder for the dump meanwhile @param bin where PostgreSQL's programs are looked for first */
    static SchemaDump of(Database database, @Nullable Path bin, Path folder, Work work) throws SQLException {
        int major;
        try (Session session = database.open(work)) {
            major = session.one("select current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
        }
        try {
            Path file = Files.createTempFile(folder, "schema-", ".sql");
            PgCommand.Result unused = PgCommand.of(PgBinaries.forClient(bin, major, "pg_dump"))
                    .arguments("--schema-only", "--no-password", "--dbname=" + PgCommand.linkOptions())
                    .arguments("--exclude-schema=" + AgentSchema.NAME, "--exclude-schema=" + Registry.SCHEMA)
                    .connect(database.settings(), work.applicationName())
                    .output(file)
                    .run(work);
            SchemaDump dump = parse(Files.readAllLines(file));
            Files.delete(file);
            return dump;
        } catch (IOException e) {
            throw new OperatorException("the schema cannot be written to " + folder, "make room there.", e);
        }
    }

    static SchemaDump parse(List<String> lines) {
        Map<String, List<String>> objects = new TreeMap<>();
        List<String> object = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(HEADING)) {
                object = objects.computeIfAbsent(line.substring(HEADING.length()), heading -> new ArrayList<>());
            } else if (!line.isBlank() && !line.equals("--") && !isFrame(line)) {
                object.add(line);
            }
        }
        Map<String, List<String>> ordered = new LinkedHashMap<>();
        objects.forEach((heading, text) -> ordered.put(
                heading,
                heading.contains("; Type: TABLE;")
                        ? text.stream()
                                .map(line -> line.replaceFirst(",$", ""))
                                .sorted()
                                .toList()
                        : List.copyOf(text)));
        return new SchemaDump(ordered);
    }

    /** What pg_dump sets for whoever runs its script, in an order of its own and partly by chance. */
    private static boolean isFrame(String line) {
        return line.startsWith("\\restrict")
                || line.startsWith("\\unrestrict")
                || line.startsWith("SET default_table")
                || line.startsWith("SET default_tablespace")
                || line.startsWith("-- PostgreSQL database dump");
    }

    /** The first thing in which another dump differs; empty when it is the same. @param later the other */
    Optional<String> difference(SchemaDump later) {
        for (Map.Entry<String, List<String>> object : objects.entrySet()) {
            List<String> other = later.objects.get(object.getKey());
            if (other == null) {
                return Optional.of("gone: " + name(object.getKey()));
            }
            if (!other.equals(object.getValue())) {
                return Optional.of("changed: " + name(object.getKey()) + lines(object.getValue(), other));
            }
        }
        return later.objects.keySet().stream()
                .filter(heading -> !objects.containsKey(heading))
                .findFirst()
                .map(heading -> "left behind: " + name(heading));
    }

    private static String lines(List<String> before, List<String> after) {
        List<String> less = new ArrayList<>(before);
        after.forEach(less::remove);
        List<String> more = new ArrayList<>(after);
        before.forEach(more::remove);
        return (less.isEmpty() ? "" : ", without: " + less.get(0).strip())
                + (more.isEmpty() ? "" : ", with: " + more.get(0).strip());
    }

    private static String name(String heading) {
        return heading.replaceFirst("; Owner:.*", "");
    }
}
