// One output channel at one pixel: 64 bits, as dybnn_popcount.hpp and dybnn_binary_array.hpp say it.
module count_six(input [5:0] b, output [2:0] n);
  assign n = {1'b0, {1'b0, b[0]} + b[1] + b[2]} + ({1'b0, b[3]} + b[4] + b[5]);
endmodule

module count_twelve(input [11:0] b, output [3:0] n);
  wire [2:0] low, high;
  count_six l(b[5:0], low);
  count_six h(b[11:6], high);
  assign n = low + high;
endmodule

module dot(input clk, input first, input inside, input [63:0] weights, input [63:0] activations, output reg [14:0] mismatches);
  reg [63:0] differ;
  always @(posedge clk) differ <= weights ^ activations;
  wire [65:0] padded = {2'b00, differ};
  wire [2:0] six [10:0];
  reg [11:0] ones, twos, fours;
  genvar i;
  generate
    for (i = 0; i < 11; i = i + 1) begin : compress
      count_six c(padded[6 * i +: 6], six[i]);
      always @(posedge clk) begin
        ones[i] <= six[i][0];
        twos[i] <= six[i][1];
        fours[i] <= six[i][2];
      end
    end
  endgenerate
  always @(posedge clk) begin
    ones[11] <= 0;
    twos[11] <= 0;
    fours[11] <= 0;
  end
  wire [3:0] of_ones, of_twos, of_fours;
  count_twelve a(ones, of_ones);
  count_twelve b(twos, of_twos);
  count_twelve c(fours, of_fours);
  reg [6:0] added;
  always @(posedge clk) begin
    added <= of_ones + {of_twos, 1'b0} + {of_fours, 2'b00};
    mismatches <= (first ? 15'd0 : mismatches) + (inside ? added : 7'd0);
  end
endmodule
