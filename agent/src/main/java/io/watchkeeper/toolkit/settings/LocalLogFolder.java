package io.watchkeeper.toolkit.settings;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Log files on this host. */
record LocalLogFolder(Path folder, Pattern names) implements LogFolder {

    @Override
    public List<LogFile> files() throws IOException {
        List<LogFile> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(
                folder, file -> names.matcher(file.getFileName().toString()).matches() && Files.isRegularFile(file))) {
            for (Path file : all) {
                try {
                    files.add(new LogFile(
                            file.getFileName().toString(),
                            Files.size(file),
                            Files.getLastModifiedTime(file).toInstant()));
                } catch (NoSuchFileException e) {
                    // Rotated away meanwhile.
                }
            }
        }
        return files;
    }

    @Override
    public byte[] read(LogFile file, long offset, int length) throws IOException {
        try (FileChannel channel = FileChannel.open(folder.resolve(file.name()), StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(length);
            while (buffer.hasRemaining() && channel.read(buffer, offset + buffer.position()) >= 0) {
                // Until there is no more.
            }
            return Arrays.copyOf(buffer.array(), buffer.position());
        } catch (NoSuchFileException e) {
            return new byte[0];
        }
    }

    @Override
    public String words() {
        return folder.toString();
    }
}
