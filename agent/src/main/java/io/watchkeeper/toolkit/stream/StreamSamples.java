package io.watchkeeper.toolkit.stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.watchkeeper.postgres.AgentSchema;
import io.watchkeeper.postgres.Lsn;
import io.watchkeeper.postgres.Session;
import io.watchkeeper.postgres.TableName;
import io.watchkeeper.toolkit.copy.SourceMark;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where polling could go on, should the stream end: marks of the source, each a snapshot and then a position of the log.
 *
 * <p>Whatever a snapshot sees was committed before the position that was read after it. So once a subscriber has applied the log up
 * to that position it has all of it, and what it lacks has an xmin at or above the snapshot's horizon.
 */
final class StreamSamples {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String TABLE = "subscription_samples";

    /** More than a day of a run every ten minutes; of older ones that cannot be used yet, every second one goes. */
    private static final int MOST = 300;

    private final Session target;
    private final String subscription;

    StreamSamples(Session target, String subscription) {
        this.target = target;
        this.subscription = subscription;
    }

    static void require(Session target) throws SQLException {
        AgentSchema.require(target, TABLE, """
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subscription text NOT NULL, lsn pg_lsn NOT NULL,
                mark jsonb NOT NULL, taken_at timestamptz NOT NULL DEFAULT now()""");
    }

    /** Begins anew with what the target has from the first moment on, whatever it applies later. */
    void beginWith(SourceMark mark) throws SQLException {
        clear();
        insert(new Lsn(0), mark);
    }

    void clear() throws SQLException {
        target.update("delete from watchkeeper.subscription_samples where subscription = ?", subscription);
    }

    void add(SourceMark mark) throws SQLException {
        insert(mark.lsn(), mark);
    }

    private void insert(Lsn from, SourceMark mark) throws SQLException {
        target.update(
                "insert into watchkeeper.subscription_samples (subscription, lsn, mark) values (?, ?::text::pg_lsn, ?::text::jsonb)",
                subscription,
                from.toString(),
                write(mark));
    }

    /** The newest one that the target is past. */
    Optional<SourceMark> newestUpTo(@Nullable Lsn progress) throws SQLException {
        return target
                .list(
                        "select mark::text from watchkeeper.subscription_samples where subscription = ? and lsn <= ?::text::pg_lsn"
                                + " order by lsn desc, id desc limit 1",
                        row -> read(row.getString(1)),
                        subscription,
                        progress == null ? "0/0" : progress.toString())
                .stream()
                .findFirst();
    }

    /** Forgets those that are of no more use, because progress only grows, and thins out the others. */
    void prune(@Nullable Lsn progress) throws SQLException {
        target.update("""
                with mine as (select id, lsn, row_number() over (order by lsn desc, id desc) as n, count(*) over () as total
                                from watchkeeper.subscription_samples where subscription = ?),
                     best as (select id, lsn from mine where lsn <= ?::text::pg_lsn order by lsn desc, id desc limit 1)
                delete from watchkeeper.subscription_samples s using mine m
                 where s.id = m.id and s.id <> all (select id from best)
                   and (exists (select from best where m.lsn <= best.lsn)
                        or (m.total > ? and m.n > 10 and m.n % 2 = 0))""", subscription, progress == null ? "0/0" : progress.toString(), MOST);
    }

    static String write(SourceMark mark) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("system", mark.system());
        fields.put("databaseId", mark.databaseId());
        fields.put("standby", mark.standby());
        fields.put("timeline", mark.timeline());
        fields.put("lsn", mark.lsn().toString());
        fields.put("horizon", mark.horizon());
        fields.put("nextXid", mark.nextXid());
        fields.put(
                "relations",
                mark.relations().stream()
                        .map(r -> List.of(
                                r.name().schema(), r.name().name(), r.oid(), r.filenode(), r.pages(), r.columns()))
                        .toList());
        try {
            return JSON.writeValueAsString(fields);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static SourceMark read(String json) {
        try {
            JsonNode mark = JSON.readTree(json);
            List<SourceMark.Relation> relations = new ArrayList<>();
            for (JsonNode r : mark.get("relations")) {
                relations.add(new SourceMark.Relation(
                        new TableName(r.get(0).asText(), r.get(1).asText()),
                        r.get(2).asLong(),
                        r.get(3).asLong(),
                        r.get(4).asLong(),
                        r.get(5).asText()));
            }
            return new SourceMark(
                    mark.get("system").asText(),
                    mark.get("databaseId").asLong(),
                    mark.get("standby").asBoolean(),
                    mark.get("timeline").asLong(),
                    Lsn.parse(mark.get("lsn").asText()).orElseThrow(),
                    mark.get("horizon").asLong(),
                    mark.get("nextXid").asLong(),
                    relations);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a sample in watchkeeper.subscription_samples cannot be read: " + json, e);
        }
    }

    /**
     * The part of a mark that is about one table.
     *
     * @param relations what holds its rows on the source
     * @return empty when the mark knows none of them
     */
    static Optional<SourceMark> of(SourceMark mark, List<TableName> relations) {
        List<SourceMark.Relation> known = mark.relations().stream()
                .filter(r -> relations.contains(r.name()))
                .toList();
        return known.isEmpty()
                ? Optional.empty()
                : Optional.of(new SourceMark(
                        mark.system(),
                        mark.databaseId(),
                        mark.standby(),
                        mark.timeline(),
                        mark.lsn(),
                        mark.horizon(),
                        mark.nextXid(),
                        known));
    }
}
