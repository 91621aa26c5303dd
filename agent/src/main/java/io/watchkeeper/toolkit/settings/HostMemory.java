package io.watchkeeper.toolkit.settings;

import io.watchkeeper.units.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The memory of this host. */
final class HostMemory {

    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");

    private HostMemory() {}

    /** Empty where the kernel does not say. */
    static Optional<Bytes> total() {
        try {
            Matcher total = TOTAL.matcher(Files.readString(MEMORY));
            return total.find() ? Optional.of(Bytes.kilobytes(Long.parseLong(total.group(1)))) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
