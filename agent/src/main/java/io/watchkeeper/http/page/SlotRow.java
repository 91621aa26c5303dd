package io.watchkeeper.http.page;

import io.watchkeeper.replicas.ReplicatingServer;
import io.watchkeeper.replicas.ReplicationBoard;
import io.watchkeeper.replicas.ReplicationSlot;
import java.util.List;

/** A slot with the server that keeps it. */
public record SlotRow(ReplicatingServer server, ReplicationSlot slot) {

    /** As configured. */
    public String database() {
        return server.database();
    }

    /** Of all servers, by name. */
    public static List<SlotRow> of(ReplicationBoard board) {
        return board.servers().stream()
                .flatMap(server -> server.slots().stream().map(slot -> new SlotRow(server, slot)))
                .toList();
    }
}
