package io.watchkeeper.http.page;

import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationReview;
import io.watchkeeper.replicas.ReplicationSlot;
import java.time.Duration;
import java.util.List;

/** What log servers keep for whom, and when the disk will be full of it. */
public final class SlotTable {

    private final Saying say;
    private final Words words;

    private SlotTable(Saying say) {
        this.say = say;
        this.words = say.words();
    }

    public static Html of(List<SlotRow> rows, Sorting sorting, Saying say) {
        return rows.isEmpty()
                ? ListPage.nothing(sorting, say.words().say("replication.noSlots"), say.words())
                : new SlotTable(say).table(rows, sorting);
    }

    private Html table(List<SlotRow> rows, Sorting sorting) {
        return Html.of(
                """
                <table class="slots stacked">
                <thead><tr>{}{}{}{}<th scope="col">{}</th></tr></thead>
                <tbody>{}</tbody>
                </table>
                """,
                sorting.head("slot", words.say("replication.slot")),
                sorting.head("retainedBytes", words.say("replication.keeps")),
                sorting.head("inactiveSince", words.say("replication.reader")),
                sorting.head("safeBytes", words.say("replication.wal")),
                words.say("replication.disk"),
                rows.stream().map(this::row).toList());
    }

    private Html forecast(ReplicatingServer server) {
        Double left = server.secondsToFull();
        Html full = left == null
                ? Html.text(words.say("replication.notFilling"))
                : say.judged(
                        ReplicationReview.disk(server),
                        words.say("replication.fullIn", say.coarse(Duration.ofSeconds(Math.round(left)))));
        return Html.of(
                "{}{}",
                full,
                server.walBytes() < 0
                        ? Html.EMPTY
                        : Html.of(
                                "<span class=\"description\">{}</span>",
                                words.say("replication.walBytes", say.bytes(server.walBytes()))));
    }

    private Html row(SlotRow row) {
        ReplicationSlot slot = row.slot();
        return Html.of(
                """
                <tr><th scope="row">{}<span class="description">{}</span></th>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td>
                <td data-label="{}">{}</td><td data-label="{}">{}</td></tr>
                """,
                slot.name(),
                words.say("replication.at", row.database()),
                words.say("replication.keeps"),
                say.bytes(slot.retainedBytes()),
                words.say("replication.reader"),
                reader(slot),
                words.say("replication.wal"),
                say.judged(ReplicationReview.of(slot), wal(slot)),
                words.say("replication.disk"),
                forecast(row.server()));
    }

    private Html reader(ReplicationSlot slot) {
        if (slot.active()) {
            return say.mark("running", "●", words.say("replication.active"));
        }
        Html mark = say.mark("skipped", "○", words.say("replication.inactive"));
        return slot.inactiveSince() == null
                ? mark
                : Html.of("{} <span class=\"age\">{}</span>", mark, say.ago(slot.inactiveSince()));
    }

    private String wal(ReplicationSlot slot) {
        String status = slot.walStatus().isEmpty()
                ? words.say("replication.wal.none")
                : words.say("replication.wal." + slot.walStatus());
        return slot.safeBytes() < 0
                ? status + ", " + words.say("replication.noLimit")
                : status + ", " + words.say("replication.left", say.bytes(slot.safeBytes()));
    }
}
