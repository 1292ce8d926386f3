# table.sh MAKE - both cores in both numeric modes: what each run prints, as lines of a Markdown table.
set -e
mkdir -p build
make=${1:-make}
echo '| core | numbers | instructions a picture | flash | RAM | same bits as the simulator |'
echo '|---|---|---:|---:|---:|---:|'
for core in cortex-m4 cortex-m3; do
  for numeric in float32 fixed16; do
    "$make" -s CORE=$core NUMERIC=$numeric >build/table.txt 2>&1 || { cat build/table.txt >&2; exit 1; }
    awk -v core=$core -v numeric=$numeric '
      /^flash/ { flash = $(NF - 1) }
      /^RAM/ { ram = $(NF - 1) }
      /^same bits/ { same = $(NF - 2) " of " $NF }
      /^instructions/ { least = $(NF - 2); most = $NF }
      END { printf "| %s | %s | %.2f to %.2f M | %.1f kB | %.1f kB | %s |\n", core, numeric, least / 1e6, most / 1e6, flash / 1e3, ram / 1e3, same }
    ' build/table.txt
  done
done
