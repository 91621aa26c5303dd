package io.watchkeeper.toolkit.slo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** What was counted in a stretch of time. */
final class SloSlice {

    /** What a probe does. */
    enum Kind {
        READ,
        WRITE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final LatencyCounts reads = new LatencyCounts();
    private final LatencyCounts writes = new LatencyCounts();
    private long slowReads;
    private long slowWrites;
    private long failed;
    private long transactions;
    private long rolledBack;
    private long aborted;

    LatencyCounts latencies(Kind kind) {
        return kind == Kind.READ ? reads : writes;
    }

    /** Those that were slower than their objective at that time. */
    long slow(Kind kind) {
        return kind == Kind.READ ? slowReads : slowWrites;
    }

    void addSlow(Kind kind, long count) {
        if (kind == Kind.READ) {
            slowReads += count;
        } else {
            slowWrites += count;
        }
    }

    /** Probes that did not end well. */
    long failed() {
        return failed;
    }

    void addFailed(long count) {
        failed += count;
    }

    /** Of all users of the database, committed or not. */
    long transactions() {
        return transactions;
    }

    long rolledBack() {
        return rolledBack;
    }

    /** Those that the server itself has ended. */
    long aborted() {
        return aborted;
    }

    void addTransactions(long all, long ofThemRolledBack, long ofThoseAborted) {
        transactions += all;
        rolledBack += ofThemRolledBack;
        aborted += ofThoseAborted;
    }

    void add(SloSlice other) {
        reads.add(other.reads);
        writes.add(other.writes);
        for (Kind kind : Kind.values()) {
            addSlow(kind, other.slow(kind));
        }
        failed += other.failed;
        addTransactions(other.transactions, other.rolledBack, other.aborted);
    }

    void write(ObjectNode node) {
        for (Kind kind : Kind.values()) {
            ObjectNode steps = node.putObject(kind.toString());
            latencies(kind).steps().forEach((step, count) -> steps.put(String.valueOf(step), count));
            node.put(kind + "Slow", slow(kind));
        }
        node.put("failed", failed)
                .put("transactions", transactions)
                .put("rolledBack", rolledBack)
                .put("aborted", aborted);
    }

    static SloSlice read(JsonNode node) {
        SloSlice slice = new SloSlice();
        for (Kind kind : Kind.values()) {
            for (Map.Entry<String, JsonNode> step : node.path(kind.toString()).properties()) {
                slice.latencies(kind)
                        .add(Integer.parseInt(step.getKey()), step.getValue().asLong());
            }
            slice.addSlow(kind, node.path(kind + "Slow").asLong());
        }
        slice.addFailed(node.path("failed").asLong());
        slice.addTransactions(
                node.path("transactions").asLong(),
                node.path("rolledBack").asLong(),
                node.path("aborted").asLong());
        return slice;
    }
}
