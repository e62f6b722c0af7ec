package io.slipway.worker.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.slipway.image.Platform;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ForeignBinaryTest {
    @Test
    void theRegistrationIsThatOfAnElfHeader() {
        ForeignBinary arm64 = Objects.requireNonNull(ForeignBinary.of(Platform.parse("linux/arm64")));
        assertThat(arm64.registration("/usr/bin/qemu-aarch64-static"))
                .isEqualTo(":aarch64:M::"
                        + "\\x7f\\x45\\x4c\\x46\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:"
                        + "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\xfe\\xff\\xff\\xff:"
                        + "/usr/bin/qemu-aarch64-static:POCF");
    }

    @ParameterizedTest
    @CsvSource({
        "linux/arm/v7, arm, 01010100, 02002800",
        "linux/s390x, s390x, 02020100, 00020016",
        "linux/riscv64, riscv64, 02010100, 0200f300",
        "linux/386, i386, 01010100, 02000300",
    })
    void eachArchitectureHasItsOwn(String platform, String emulator, String identification, String typeAndMachine) {
        ForeignBinary programs = Objects.requireNonNull(ForeignBinary.of(Platform.parse(platform)));
        StringBuilder stub = new StringBuilder();
        for (byte b : programs.stub()) {
            stub.append("%02x".formatted(b & 0xff));
        }
        assertThat(programs.emulator()).isEqualTo(emulator);
        assertThat(stub.substring(8, 16)).isEqualTo(identification);
        assertThat(stub.substring(32, 40)).isEqualTo(typeAndMachine);
    }

    @ParameterizedTest
    @CsvSource({"linux/sparc64", "windows/amd64", "linux/unheard"})
    void othersHaveNone(String platform) {
        assertThat(ForeignBinary.of(Platform.parse(platform))).isNull();
    }
}
