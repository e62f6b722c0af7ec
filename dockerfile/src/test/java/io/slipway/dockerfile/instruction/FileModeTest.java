package io.slipway.dockerfile.instruction;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FileModeTest {
    /** What the reference (BuildKit 0.25) made of a file 0640, a file 7751 and a directory 3750. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            u+t         | 1640 | 7751 | 3750
            o+t         |  640 | 7751 | 3750
            g+t         | 1640 | 7751 | 3750
            +t          | 1640 | 7751 | 3750
            a+t         | 1640 | 7751 | 3750
            a-t         |  640 | 6751 | 2750
            u-t         |  640 | 6751 | 2750
            o-t         |  640 | 7751 | 3750
            =t          | 1640 | 7751 | 3750
            u=t         | 1040 | 3051 | 3050
            o=rt        |  644 | 7754 | 3754
            u+s         | 4640 | 7751 | 7750
            g+s         | 2640 | 7751 | 3750
            o+s         |  640 | 7751 | 3750
            +s          | 6640 | 7751 | 7750
            a+s         | 6640 | 7751 | 7750
            u=s         | 4040 | 7051 | 7050
            g=rs        | 2640 | 7741 | 3740
            =           |    0 | 1000 | 1000
            a=          |    0 | 1000 | 1000
            u=          |   40 | 3051 | 3050
            g=          |  600 | 5701 | 1700
            o=          |  640 | 7750 | 3750
            u=rwx       |  740 | 3751 | 3750
            g=rx        |  650 | 5751 | 1750
            u=rwX       |  640 | 3751 | 3750
            ug=rwX      |  660 | 1771 | 1770
            u=rwxs,g-x  | 4740 | 7741 | 7740
            +X          |  640 | 7751 | 3751
            -X          |  640 | 7640 | 3640
            g=u         |  660 | 7771 | 3770
            u=g         |  440 | 7551 | 3550
            o=ug        |  644 | 7755 | 3755
            a=u         |  666 | 7777 | 3777
            u+g-x       |  640 | 7651 | 3650
            u+x-w+r     |  540 | 7551 | 3550
            -s          |  640 | 1751 | 1750
            u-s         |  640 | 3751 | 3750
            g-s         |  640 | 5751 | 1750
            o-s         |  640 | 7751 | 3750
            a-s         |  640 | 1751 | 1750
            -t          |  640 | 6751 | 2750
            u-t,g-s     |  640 | 4751 |  750
            755         |  755 |  755 |  755
            ug+rw,o=    |  660 | 7770 | 3770
            go-rwx      |  600 | 7700 | 3700
            a=rX        |  444 | 1555 | 1555
            =rwXst      | 1640 | 7751 | 3750
            u=srw       | 4640 | 7651 | 7650
            o=s         |  640 | 7750 | 3750
            u=wrx,g=    |  700 | 1701 | 1700
            o=u+w       |  646 | 7757 | 3757
            o=gw        |  642 | 7752 | 3752
            u=rg        |  440 | 3551 | 3550
            u+x,go+X    |  740 | 7751 | 3751
            =rt         | 1640 | 7751 | 3750
            =tr         | 1640 | 7751 | 3750
            a+tX        | 1640 | 7751 | 3751
            g+su        | 2660 | 7771 | 3770
            o+u-g       |  642 | 7752 | 3752
            u=x,g=X     |  100 | 1111 | 1110
            -rt         |  640 | 6751 | 2750
            +st         | 1640 | 7751 | 3750
            =u          |  666 | 7777 | 3777
            +u          |  666 | 7777 | 3777
            -u          |    0 | 7000 | 3000
            a-X         |  640 | 7640 | 3640
            u-X,o+x     |  641 | 7651 | 3651
            a=,u+X      |    0 | 1100 | 1100
            ug=t        | 1000 | 1001 | 1000
            o=t         |  640 | 7750 | 3750
            u=,o=u      |   40 | 3050 | 3050
            =X          |    0 | 1111 | 1111
            a=X         |    0 | 1111 | 1111
            +rX+t       | 1644 | 7755 | 3755
            u=r=x       |  140 | 3151 | 3150
            u=r=        |   40 | 3051 | 3050
            =r=         |    0 | 1000 | 1000
            """)
    void symbolicModesDoWhatTheyDoInTheReference(String mode, String file, String special, String directory) {
        FileMode change = FileMode.parse(mode);
        assertThat(Integer.toOctalString(change.apply(0640, false))).isEqualTo(file);
        assertThat(Integer.toOctalString(change.apply(07751, false))).isEqualTo(special);
        assertThat(Integer.toOctalString(change.apply(03750, true))).isEqualTo(directory);
    }
}
