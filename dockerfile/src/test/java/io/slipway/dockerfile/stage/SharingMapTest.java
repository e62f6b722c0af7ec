package io.slipway.dockerfile.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** A map whose successors share entries is no different from copies. */
class SharingMapTest {

    @Property(tries = 200, seed = "1")
    void everySuccessorIsWhatACopyWouldBeAndLeavesTheEarlierOnesAsTheyWere(
            @ForAll @Size(max = 60) List<@Size(max = 8) List<@IntRange(max = 40) Integer>> steps,
            @ForAll @IntRange(max = 50) int atFirst) {
        Map<String, String> copy = new LinkedHashMap<>();
        for (int key = 0; key < atFirst; key++) {
            copy.put(Integer.toString(key), "first");
        }
        SharingMap<String> map = SharingMap.of(copy);
        List<SharingMap<String>> maps = new ArrayList<>(List.of(map));
        List<Map<String, String>> copies = new ArrayList<>(List.of(new LinkedHashMap<>(copy)));
        for (List<Integer> step : steps) {
            Map<String, String> entries = new LinkedHashMap<>();
            step.forEach(key -> entries.put(Integer.toString(key), "step " + maps.size()));
            map = map.with(entries);
            copy.putAll(entries);
            maps.add(map);
            copies.add(new LinkedHashMap<>(copy));
        }
        for (int i = 0; i < maps.size(); i++) {
            assertThat(maps.get(i).entries().entrySet())
                    .containsExactlyElementsOf(copies.get(i).entrySet());
            for (int key = 0; key <= 51; key++) {
                String name = Integer.toString(key);
                assertThat(maps.get(i).get(name)).isEqualTo(copies.get(i).get(name));
            }
        }
    }
}
