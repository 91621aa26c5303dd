package io.watchkeeper.metrics;

import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import io.watchkeeper.files.FreeSpace;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Room on the disks the agent itself writes on, read when it is scraped. A disk that fails to answer has no series. One that hangs, as a
 * network file system whose server is gone, holds the scrape up until it answers: Prometheus then reports the agent as down.
 */
final class DiskCollector extends Collector {

    private static final List<String> LABELS = List.of("folder");

    private final Map<String, Path> folders;

    /** @param folders by what they are for: {@code state}, {@code backups} */
    DiskCollector(Map<String, Path> folders) {
        this.folders = Map.copyOf(folders);
    }

    @Override
    public List<MetricFamilySamples> collect() {
        GaugeMetricFamily free = new GaugeMetricFamily(
                "watchkeeper_disk_free_bytes", "What the agent may still write where this folder is", LABELS);
        GaugeMetricFamily size =
                new GaugeMetricFamily("watchkeeper_disk_size_bytes", "How large the disk of this folder is", LABELS);
        folders.forEach((name, folder) -> {
            FreeSpace.of(folder).ifPresent(bytes -> free.addMetric(List.of(name), (double) bytes.count()));
            FreeSpace.sizeOfDisk(folder).ifPresent(bytes -> size.addMetric(List.of(name), (double) bytes.count()));
        });
        return List.of(free, size);
    }
}
