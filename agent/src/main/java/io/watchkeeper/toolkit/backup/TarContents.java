package io.watchkeeper.toolkit.backup;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes a tar file as it comes and sums its members up. It reads what PostgreSQL writes:
 * names of at most 99 bytes, no extensions but large sizes.
 */
final class TarContents extends OutputStream {

    private static final int BLOCK = 512;

    private final byte[] header = new byte[BLOCK];
    private final Map<String, FileSum> members = new LinkedHashMap<>();
    private int inHeader;
    private long leftOfMember;
    private long leftOfPadding;
    private String name = "";
    private FileSum.@Nullable Running member;
    private boolean ended;

    /** The regular files so far, by name. */
    Map<String, FileSum> members() {
        return members;
    }

    /** @throws IOException when the file stopped in the middle */
    void requireEnd() throws IOException {
        if (!ended) {
            throw new IOException("the tar file ends in the middle" + (name.isEmpty() ? "" : ", after " + name));
        }
    }

    @Override
    public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int at = offset;
        int end = offset + length;
        // Whatever stands behind the end is padding.
        while (at < end && !ended) {
            if (leftOfMember > 0) {
                int part = (int) Math.min(leftOfMember, end - at);
                take(bytes, at, part);
                at += part;
            } else if (leftOfPadding > 0) {
                int part = (int) Math.min(leftOfPadding, end - at);
                leftOfPadding -= part;
                at += part;
            } else {
                int part = Math.min(BLOCK - inHeader, end - at);
                System.arraycopy(bytes, at, header, inHeader, part);
                inHeader += part;
                at += part;
                if (inHeader == BLOCK) {
                    inHeader = 0;
                    begin();
                }
            }
        }
    }

    private void take(byte[] bytes, int offset, int length) {
        leftOfMember -= length;
        if (member != null) {
            member.add(bytes, offset, length);
            if (leftOfMember == 0) {
                members.put(name, member.sum());
            }
        }
    }

    private void begin() throws IOException {
        if (header[0] == 0) {
            ended = true;
            return;
        }
        requireChecksum();
        int length = 0;
        while (length < 100 && header[length] != 0) {
            length++;
        }
        name = new String(header, 0, length, StandardCharsets.UTF_8);
        char kind = (char) header[156];
        boolean regular = kind == '0' || kind == 0;
        long size = regular ? number(124, 12) : 0;
        leftOfMember = size;
        leftOfPadding = (BLOCK - size % BLOCK) % BLOCK;
        member = regular ? new FileSum.Running() : null;
        if (member != null && size == 0) {
            members.put(name, member.sum());
        }
    }

    private void requireChecksum() throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xFF;
        }
        if (sum != number(148, 8)) {
            throw new IOException("the tar file is damaged" + (name.isEmpty() ? "" : " after " + name));
        }
    }

    /** Octal digits, or, with the first bit set, the number itself. */
    private long number(int offset, int length) throws IOException {
        long value = 0;
        if ((header[offset] & 0x80) != 0) {
            for (int i = offset + 1; i < offset + length; i++) {
                value = (value << 8) | (header[i] & 0xFF);
            }
            return value;
        }
        for (int i = offset; i < offset + length && header[i] != 0; i++) {
            if (header[i] >= '0' && header[i] <= '7') {
                value = value * 8 + header[i] - '0';
            } else if (header[i] != ' ') {
                throw new IOException("the tar file is damaged after " + name);
            }
        }
        return value;
    }
}
