package io.watchkeeper.http.page;

import io.watchkeeper.replicas.Replica;
import io.watchkeeper.replicas.ReplicationBoard;
import java.util.List;

/** A replica with the server it gets its log from. @param database as configured */
public record ReplicaRow(String database, Replica replica) {

    /** Of all servers, by name. */
    public static List<ReplicaRow> of(ReplicationBoard board) {
        return board.servers().stream()
                .flatMap(
                        server -> server.replicas().stream().map(replica -> new ReplicaRow(server.database(), replica)))
                .toList();
    }
}
