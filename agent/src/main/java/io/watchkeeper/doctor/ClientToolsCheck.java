package io.watchkeeper.doctor;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Which of PostgreSQL's client programs are here. Whether they fit a server is said with that database. */
final class ClientToolsCheck implements HealthCheck {

    private final ClientTools tools;

    ClientToolsCheck(ClientTools tools) {
        this.tools = tools;
    }

    @Override
    public String subject() {
        return "tools";
    }

    @Override
    public List<Finding> examine() {
        Map<String, ClientTools.Tool> found = tools.found();
        List<String> missing = ClientTools.NAMES.stream()
                .filter(name -> !found.containsKey(name))
                .toList();
        String present = found.entrySet().stream()
                .map(tool -> tool.getKey() + " " + tool.getValue().version())
                .collect(Collectors.joining(", "));
        if (missing.isEmpty()) {
            return List.of(Finding.green(subject(), present));
        }
        return List.of(Finding.amber(
                subject(),
                String.join(", ", missing) + " not found" + (present.isEmpty() ? "" : "; found " + present),
                "apt install postgresql-client, or set postgres.bin to the folder they are in."));
    }
}
