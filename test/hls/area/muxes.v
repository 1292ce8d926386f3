// What chooses a word: one bit of the drain (16 words of a tile), of a pixel's column (16 banks), of a pool.
module drain_bit(input clk, input [3:0] word, input [15:0] done, output reg out);
  always @(posedge clk) out <= done[word];
endmodule

module bank_bit(input clk, input [3:0] bank, input [15:0] read, output reg out);
  always @(posedge clk) out <= read[bank];
endmodule

module pool_lane(input clk, input first, input inside, input largest, input signed [15:0] v, input [16:0] factor, input [5:0] shift,
                 output reg signed [15:0] out);
  reg signed [15:0] most;
  reg signed [26:0] sum;
  reg signed [47:0] product, rounded;
  wire signed [15:0] before = first ? -16'sd32768 : most;
  always @(posedge clk) begin
    most <= inside && v > before ? v : before;
    sum <= (first ? 0 : sum) + (inside ? v : 16'sd0);
    product <= sum * $signed({1'b0, factor});
    rounded <= (product + (48'sd1 << (shift - 1))) >>> shift;
    out <= largest ? most : (rounded[47:15] == {33{rounded[15]}}) ? rounded[15:0] : {rounded[47], {15{~rounded[47]}}};
  end
endmodule
